import { manifest } from 'wecom-connector/palette';
import { connectionTypes, credentialDescription } from './form/node.js';
import { language } from './language.js';

function credential(type) {
  const entry = connectionTypes(manifest).find((candidate) => candidate.type === type);
  return class {
    constructor() {
      Object.assign(this, credentialDescription(manifest, entry, language));
    }
  };
}

export const WeComApplicationApi = credential('application');
export const WeComCallbackApi = credential('callback');
export const WeComChatbotApi = credential('chatbot');
