/** A component of a later contract than the package was built for. */
export const connector = { manifest: () => JSON.stringify({ package: 'wecom:connector@0.2.0', version: '0.2.0' }) };
