//! What can be proved of a connection without changing anything.

use std::rc::Rc;

use super::{Connector, checked, limited};
use crate::about::Secrets;
use crate::action::{Action, NoParameters};
use crate::actions::app::{Agent, GetApplication, GetApplicationOutput, GetApplicationParameters, ListApplications};
use crate::actions::shared_app::{ListSharedApps, ListSharedAppsParameters};
use crate::connection::{
    self, Application, Chatbot, CheckedApplication, CheckedChatbot, Connection as _, LowerCorp, TokenSource,
};
use crate::error::{Argument, Credential, Error};
use crate::http::transport::Host;
use crate::operation::Operate as _;
use crate::parameter::{Described as _, Parameters, Table as _};
use crate::text::{Localized, Phrase, localize, message, phrase};

/// WeCom's code for an Enterprise ID that it does not know.
const WRONG_CORP_ID: i32 = 40013;

/// WeCom's code for an application that it does not know.
const WRONG_AGENT_ID: i32 = 40056;

/// WeCom's code for the ID of another application than that of the secret.
const ANOTHER_AGENT_ID: i32 = 301_002;

/// What a test of a connection found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionReport {
    /// One entry for each credential of the connection, and one for what is wrong with the application.
    pub checks: Vec<ConnectionCheck>,
}

/// What a test found out of one credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionCheck {
    /// The credential.
    pub credential: Credential,
    /// JSON pointer to the field of the connection that this is about.
    pub pointer: String,
    /// Whether WeCom has accepted it.
    pub proved: bool,
    /// What that means, and what remains open.
    pub detail: Localized,
    /// Why WeCom did not accept it. Where there is none and nothing is proved, nothing could be.
    pub error: Option<Error>,
}

impl<H: Host> Connector<H> {
    /// Proves what can be proved of a connection without changing anything or sending a message.
    pub async fn test_connection(&self, connection: Option<&str>) -> Result<ConnectionReport, Error> {
        let mut checks = Vec::new();
        let Some(text) = connection else {
            let set = |variable| self.host.variable(variable).is_some();
            let chatbot = set(Chatbot::VARIABLE);
            if chatbot {
                let connection = self.connection::<Chatbot>(None)?;
                checks.extend(test_chatbot(&connection));
            }
            // With nothing set at all, the fault names the variable that is most likely meant.
            if set(Application::VARIABLE) || !chatbot {
                let connection = self.connection::<Application>(None)?;
                checks.extend(self.test_application(&connection).await?);
            }
            return Ok(ConnectionReport { checks });
        };
        limited(Argument::Connection, text.len())?;
        match connection::declared_type(text)?.as_str() {
            Chatbot::TYPE => {
                let connection = self.connection::<Chatbot>(connection)?;
                checks.extend(test_chatbot(&connection));
            }
            _ => {
                let connection = self.connection::<Application>(connection)?;
                checks.extend(self.test_application(&connection).await?);
            }
        }
        Ok(ConnectionReport { checks })
    }

    /// One entry for each credential, refused ones too. The error is what prevents the test: WeCom answered nothing yet.
    async fn test_application(&self, connection: &Rc<CheckedApplication>) -> Result<Vec<ConnectionCheck>, Error> {
        let mut checks = Vec::new();
        let secrets = [
            (Credential::AppSecret, &connection.app_secret),
            (Credential::ContactsSecret, &connection.contacts_secret),
        ];
        for (credential, secret) in secrets {
            let Some(secret) = secret else { continue };
            let source = TokenSource { credential, secret, lower: None };
            // A cached token proves what was true some time ago, not now.
            let error = match self.fetch_token(connection, source, false).await {
                Err(error) if error.errcode().is_none() && checks.is_empty() => return Err(error),
                answer => answer.err(),
            };
            let refused = error.as_ref().and_then(Error::errcode);
            checks.push(ConnectionCheck {
                credential,
                pointer: pointer(credential, refused).to_owned(),
                proved: error.is_none(),
                detail: match &error {
                    None => localized(phrase!(
                        "WeCom accepts the Enterprise ID and this secret. Whether the calling address is trusted, and what the secret may do, shows only when an action runs."
                    )),
                    Some(error) => error.hint(),
                },
                error,
            });
            // Of an Enterprise ID that WeCom does not know, the next secret would only say the same.
            if refused == Some(WRONG_CORP_ID) {
                break;
            }
        }
        let secret = checks.iter_mut().find(|check| check.credential == Credential::AppSecret && check.proved);
        if let Some(secret) = secret
            // A token of the caller's own would be asked instead, or the lower enterprise.
            && connection.given_token(Secrets::App, GetApplication::ABOUT.api).is_none()
            && connection.lower.is_none()
        {
            let wrong = self.test_agent(connection, secret).await;
            checks.extend(wrong);
        }
        checks.extend(self.test_lower(connection, &checks).await);
        let tokens = [
            (&connection.access_token, "/access_token"),
            (&connection.contacts_access_token, "/contacts_access_token"),
        ];
        checks.extend(tokens.into_iter().filter(|(token, _)| token.is_some()).map(|(_, pointer)| ConnectionCheck {
            credential: Credential::AccessToken,
            pointer: pointer.to_owned(),
            proved: false,
            detail: localized(phrase!(
                "The access token is used as it is. Whether WeCom still accepts it shows only when an action runs."
            )),
            error: None,
        }));
        Ok(checks)
    }

    /// What WeCom tells of the application that AppSecret belongs to. It is a part of what was proved of AppSecret, or a check
    /// of its own where something is wrong.
    async fn test_agent(
        &self,
        connection: &Rc<CheckedApplication>,
        secret: &mut ConnectionCheck,
    ) -> Option<ConnectionCheck> {
        let wrong = |pointer: &str, detail, error| ConnectionCheck {
            credential: Credential::AppSecret,
            pointer: pointer.to_owned(),
            proved: false,
            detail,
            error,
        };
        let agent = match connection.agent_id {
            Some(_) => self.agent(connection, connection.agent_id).await,
            None => match self.own_agent(connection).await {
                Ok(own) => self.agent(connection, own.map(|own| own.agent_id)).await,
                Err(error) => Err(error),
            },
        };
        match agent {
            Ok(agent) => {
                secret.detail = localized(phrase!("WeCom accepts the Enterprise ID and this secret."));
                if agent.close == Some(1) {
                    return Some(wrong("/agent_id", switched_off(&agent), None));
                }
                let sees = message!(
                    "It belongs to the application “{}” ({}), which is switched on. Its visible range (可见范围) names {} members, {} departments and {} tags.",
                    &agent.name,
                    agent.agent_id,
                    agent.allow_user_infos.len(),
                    agent.allow_partys.len(),
                    agent.allow_tags.len()
                );
                secret.detail = secret.detail.before(&localize(&sees));
                if connection.agent_id.is_none() {
                    let missing =
                        message!("To send messages, put {} into Enterprise App ID, which is empty.", agent.agent_id);
                    secret.detail = secret.detail.before(&localize(&missing));
                }
                None
            }
            Err(Error::PermanentRejected(mut failure))
                if matches!(failure.errcode, Some(ANOTHER_AGENT_ID | WRONG_AGENT_ID)) =>
            {
                if let Ok(Some(own)) = self.own_agent(connection).await {
                    failure.hint = localize(&message!(
                        "AppSecret belongs to the application “{}”: put its ID, {}, into Enterprise App ID, or the secret of the other application into AppSecret.",
                        &own.name,
                        own.agent_id
                    ));
                }
                Some(wrong("/agent_id", failure.hint.clone(), Some(Error::PermanentRejected(failure))))
            }
            Err(error) => Some(wrong(pointer(Credential::AppSecret, error.errcode()), error.hint(), Some(error))),
        }
    }

    async fn agent(
        &self,
        connection: &Rc<CheckedApplication>,
        agent_id: Option<u64>,
    ) -> Result<GetApplicationOutput, Error> {
        self.read::<GetApplication>(connection, GetApplicationParameters { agent_id }).await
    }

    /// The application that AppSecret belongs to.
    async fn own_agent(&self, connection: &Rc<CheckedApplication>) -> Result<Option<Agent>, Error> {
        Ok(self.read::<ListApplications>(connection, NoParameters {}).await?.agent_list.into_iter().next())
    }

    async fn read<A: Action<Connection = Application>>(
        &self,
        connection: &Rc<CheckedApplication>,
        parameters: A::Parameters,
    ) -> Result<A::Output, Error> {
        let parameters = Parameters::new(Argument::Parameters, A::Parameters::FIELDS, parameters.into_values());
        let call = checked(const { &A::OPERATION }, Ok(Rc::clone(connection)), parameters)?;
        self.execute(call).await?.output(A::output)
    }

    /// Whether WeCom issues a token for the lower enterprise. Where it refuses AppSecret, or does not know the enterprise
    /// that shares, that is not asked.
    async fn test_lower(
        &self,
        connection: &Rc<CheckedApplication>,
        checks: &[ConnectionCheck],
    ) -> Option<ConnectionCheck> {
        let lower = connection.lower.as_ref()?;
        checks.iter().find(|check| check.credential == Credential::AppSecret && check.proved)?;
        let source = connection.source(Secrets::App, Some(lower)).ok()?;
        let mut error = self.fetch_token(connection, source, false).await.err();
        let names_application = matches!(error.as_ref().and_then(Error::errcode), Some(WRONG_AGENT_ID));
        if let Some(Error::PermanentRejected(failure)) = &mut error
            && names_application
        {
            failure.hint = match self.shared_agent(connection, lower).await {
                Some(agent_id) => localize(&message!(
                    "In the lower enterprise the application has the ID {}: put that into Lower Enterprise App ID.",
                    agent_id
                )),
                None => localized(phrase!(
                    "List where the application is shared: Lower Enterprise App ID is the agent ID that stands beside the lower enterprise there."
                )),
            };
        }
        let detail = match &error {
            Some(error) => error.hint(),
            None => self.lower_agent(connection).await,
        };
        let pointer = if names_application { "/lower_agent_id" } else { "/lower_corp_id" };
        let proved = error.is_none();
        Some(ConnectionCheck { credential: source.credential, pointer: pointer.to_owned(), proved, detail, error })
    }

    /// What is known of the application in the lower enterprise, for which WeCom issues tokens.
    async fn lower_agent(&self, connection: &Rc<CheckedApplication>) -> Localized {
        let issued = localized(phrase!(
            "WeCom issues access tokens for the lower enterprise: the application is shared with it."
        ));
        let more = match self.agent(connection, connection.agent_id).await {
            Ok(agent) if agent.close == Some(1) => switched_off(&agent),
            Ok(agent) => localize(&message!(
                "There it is “{}” ({}), which is switched on. Its visible range (可见范围) names {} members, {} departments and {} tags.",
                &agent.name,
                agent.agent_id,
                agent.allow_user_infos.len(),
                agent.allow_partys.len(),
                agent.allow_tags.len()
            )),
            Err(_) => localized(phrase!("What it may do there shows only when an action runs.")),
        };
        issued.before(&more)
    }

    /// The ID that the application has in the lower enterprise, where WeCom tells it.
    async fn shared_agent(&self, connection: &Rc<CheckedApplication>, lower: &LowerCorp) -> Option<u64> {
        let parameters = ListSharedAppsParameters {
            agent_id: connection.own_agent_id,
            business_type: Some(lower.business_type),
            corp_id: Some(lower.corp_id.clone()),
            ..ListSharedAppsParameters::default()
        };
        let shared = self.read::<ListSharedApps>(connection, parameters).await.ok()?;
        shared.corp_list.into_iter().find(|row| row.corp_id == lower.corp_id).map(|row| row.agent_id)
    }
}

fn switched_off(agent: &GetApplicationOutput) -> Localized {
    localize(&message!(
        "The application “{}” ({}) is switched off, and every action with it will be refused. Switch it on at App Management (应用管理) > the app.",
        &agent.name,
        agent.agent_id
    ))
}

fn test_chatbot(_: &CheckedChatbot) -> [ConnectionCheck; 1] {
    [ConnectionCheck {
        credential: Credential::ChatbotKey,
        pointer: pointer(Credential::ChatbotKey, None).to_owned(),
        proved: false,
        error: None,
        detail: localized(phrase!(
            "The connection is complete, but WeCom offers no way to check a chatbot key without sending a message to its group. The first message will show whether the key is right."
        )),
    }]
}

/// The field of a connection that a refusal with this code, or a success, is about.
fn pointer(credential: Credential, refused: Option<i32>) -> &'static str {
    match credential {
        Credential::AppSecret | Credential::ContactsSecret if refused == Some(WRONG_CORP_ID) => "/corp_id",
        Credential::AppSecret => "/app_secret",
        Credential::ContactsSecret => "/contacts_secret",
        Credential::AccessToken => "/access_token",
        Credential::ChatbotKey => "/chatbot_key",
    }
}

fn localized(phrase: Phrase) -> Localized {
    localize(&phrase.into())
}
