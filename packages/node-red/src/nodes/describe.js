/** The fields of an error that say what to do, as data: for a message of a flow, or for an answer over HTTP. */
export function describe(error) {
  const {
    action,
    api,
    callerIp,
    category,
    class: kind,
    code,
    credential,
    faults,
    hint,
    link,
    retryAfterSeconds,
  } = error;
  const fields = { action, api, callerIp, category, class: kind, code, credential, faults, hint, link };
  return JSON.parse(JSON.stringify({ ...fields, retryAfterSeconds, message: error.message }));
}
