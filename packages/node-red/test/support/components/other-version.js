/** A component of a later contract than the package was built for. */
export const connector = { manifest: () => JSON.stringify({ package: 'wecom:connector@999.0.0', version: '999.0.0' }) };
