import { fetch, ProxyAgent } from 'undici';
import { rootOf } from 'wecom-connector/palette';

const agents = new Map();

/** Sends through the proxy, given as a URL with its credentials. What goes wrong names it, without them. */
export async function fetchThrough(proxy, url, init) {
  try {
    if (!agents.has(proxy)) agents.set(proxy, new ProxyAgent(proxy));
    return await fetch(url, { ...init, dispatcher: agents.get(proxy) });
  } catch (error) {
    const { message, code, syscall, errors } = rootOf(error);
    const words = `${message || code} (through the proxy ${URL.canParse(proxy) ? new URL(proxy).host : 'of the environment'})`;
    throw Object.assign(new Error(words), { code, syscall, errors });
  }
}
