import os

from wecom_connector import Application, Rejected, WeComConnector

application = Application(
    corp_id=os.environ["WECOM_CORP_ID"],
    app_secret=os.environ["WECOM_APP_SECRET"],
    agent_id=int(os.environ["WECOM_AGENT_ID"]),
    base_url=os.environ.get("WECOM_BASE_URL"),
)
with WeComConnector(application) as wecom:
    sent = wecom.push_text_message(to_user=["zhangsan", "nobody"], content="部署完成，请验收。")
    print("not reached:", sent["invalid_user"])  # not reached: ['nobody']
    try:
        wecom.push_text_message(to_user=["nobody"], content="部署完成，请验收。")
    except Rejected as error:
        print(error.category, error.errcode)  # not-found 81013
