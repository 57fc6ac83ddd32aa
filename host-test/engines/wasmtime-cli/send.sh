#!/bin/sh
# Sends a message through the wasmtime CLI; the component lies in the current folder.
# region: send
wasmtime run -S http --env WECOM_BASE_URL --env WECOM_CORP_ID --env WECOM_APP_SECRET --env WECOM_AGENT_ID \
  --invoke 'push-text-message(none, {to-user: ["zhangsan", "nobody"], content: "部署完成，请验收。"})' \
  wecom_connector.wasm
# ok({msg-id: some("SIM-MSGID-000002-…"), invalid-user: ["nobody"], invalid-party: [], …})
# endregion
