import { getProxyForUrl } from 'proxy-from-env';

/**
 * The `fetch` of Node.js; where the environment names a proxy for the address, one that goes through it: that of Node.js
 * does so only from 22.21 on, and only if it is told to.
 */
export async function fetchByEnvironment(url, init) {
  const proxy = getProxyForUrl(url);
  if (!proxy) return fetch(url, init);
  // A file of its own: most installations need none of it.
  const { fetchThrough } = await import('./proxy.js');
  return fetchThrough(proxy, url, init);
}
