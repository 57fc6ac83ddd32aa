/** The part of n8n's web server that hands a request to a node that waits for one. */
import { createServer } from 'node:http';

/**
 * Serves the node's URL; what it lets a workflow begin with goes to `begun`.
 *
 * @param {boolean} [options.isParsed] Whether n8n has read the body before, as it does by itself.
 * @param {(items: object[]) => Promise<object | undefined>} [options.workflow] Runs what answers, and resolves to the answer.
 */
export async function serve(t, engine, node, { isParsed = false, workflow } = {}) {
  const begun = [];
  const results = [];
  const warnings = [];
  const server = createServer(async (request, response) => {
    Object.assign(request, {
      async readRawBody() {
        request.rawBody = Buffer.concat(await request.toArray());
      },
    });
    // What a node uses of Express, which n8n serves with.
    Object.assign(response, {
      status(code) {
        response.statusCode = code;
        return response;
      },
      type(type) {
        response.setHeader('content-type', type);
        return response;
      },
      header(headers) {
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      },
      send(body) {
        response.end(body);
      },
      json(value) {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(value));
      },
    });
    if (isParsed) await request.readRawBody();
    const result = await engine.webhook(node, request, response, warnings);
    results.push(result);
    if (!result.workflowData) return;
    begun.push(result.workflowData[0][0].json);
    if (result.noWebhookResponse) return;
    // n8n waits for the workflow; one that has answered nothing is answered so.
    const answer = await workflow(result.workflowData[0]);
    if (answer) {
      response.header(answer.headers);
      response.end(answer.body);
    } else {
      response.json(undefined);
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${server.address().port}/webhook/1/wecom`, begun, results, warnings };
}
