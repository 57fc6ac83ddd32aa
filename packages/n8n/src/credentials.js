import { manifest } from 'wecom-connector/palette';
import { credentialDescription } from './form/node.js';
import { language } from './language.js';

function credential(type) {
  const entry = manifest.connection_types.find((candidate) => candidate.type === type);
  return class {
    constructor() {
      Object.assign(this, credentialDescription(manifest, entry, language));
    }
  };
}

export const WeComApplicationApi = credential('application');
export const WeComChatbotApi = credential('chatbot');
