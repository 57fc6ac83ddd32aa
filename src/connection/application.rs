//! The connection of a self-built application.

use serde_json::{Map, Value};

use super::table::connection;
use super::{BASE_URL, Connection, Endpoint, TIMEOUT};
use crate::about::Secrets;
use crate::error::{Credential, Violation};
use crate::http::url::BaseUrl;
use crate::parameter::conditions::{both, either, given, needs, not, when, when_else};
use crate::parameter::field::{Choice, choice};
use crate::parameter::rules::Rule;
use crate::parameter::{Described as _, Key, Parameters, Spec, rules, ui};
use crate::secret::Secret;
use crate::text::{Text, phrase, text};

/// The greatest ID of an application. WeCom's console shows IDs of thirteen digits; beyond this, JSON readers disagree.
pub const MAX_AGENT_ID: u64 = 9_007_199_254_740_991;

/// The choices of Kind of Sharing, in the numbers of WeCom.
pub const SHARING: &[Choice] =
    &[choice(0, text("Between linked enterprises", "企业互联")), choice(1, text("Upstream and downstream", "上下游"))];

/// Where a person finds what names a lower enterprise.
const FROM_SHARED_APPS: Text = text(
    "In the output of the action that lists where the application is shared (list-shared-apps).",
    "见“查询应用共享信息”操作（list-shared-apps）的输出。",
);

/// Where a person finds the ID of an application.
pub const WHERE_AGENT_ID: Text = text(
    "In the admin console: App Management (应用管理) > the application > AgentId. The action “List applications” finds \
    the one that belongs to AppSecret, too.",
    "管理后台 > 应用管理 > 对应应用：AgentId。也可用“获取应用列表”查到AppSecret所属应用的ID。",
);

const LEAVE_EMPTY: Text = text(
    "Leave this empty: it is for engines that fetch and keep tokens themselves.",
    "请留空：此项仅供自行获取和保管令牌的引擎使用。",
);

connection! {
    /// Access to WeCom as a self-built application.
    pub struct Application {
        pub corp_id: String = Spec {
            title: text("Enterprise ID", "企业ID"),
            description: text(
                "Enterprise ID (corpid): the same for every application of the enterprise.",
                "企业ID（corpid），同一企业的所有应用都相同。",
            ),
            examples: &[Text::both(r#""ww5f2c8a9b1d3e4f60""#)],
            rules: &[Rule::Bare, rules::NOT_EMPTY, rules::ID, rules::FITS_URL],
            ui: ui::hint(text(
                "In the admin console: My Company (我的企业) > Company Info (企业信息), at the bottom.",
                "管理后台 > 我的企业 > 企业信息，页面底部：企业ID",
            )),
            variable: "WECOM_CORP_ID",
            ..Spec::NEW
        },
        pub app_secret: Option<String> = Spec {
            title: Text::both("AppSecret"),
            description: text(
                "Secret of the self-built application. May be left out only where an access token is given.",
                "自建应用的Secret。只有填写了访问令牌时才可不填。",
            ),
            rules: &[Rule::Bare, rules::ID, rules::FITS_URL],
            ui: ui::hint(text(
                "In the admin console: App Management (应用管理) > the application > Secret.",
                "管理后台 > 应用管理 > 对应应用：Secret",
            )),
            variable: "WECOM_APP_SECRET",
            secret: true,
            ..Spec::NEW
        },
        pub contacts_secret: Option<String> = Spec {
            title: text("Contacts Secret", "通讯录Secret"),
            description: text(
                "Secret of contacts synchronisation, which WeCom demands for most of the address book. Default: AppSecret.",
                "通讯录同步的Secret，大部分通讯录操作都需要它。不填时使用AppSecret。",
            ),
            rules: &[Rule::Bare, rules::ID, rules::FITS_URL],
            ui: ui::hint(text(
                "In the admin console: Security & Management (安全与管理) > Management Tools (管理工具) > Contacts \
                Sync (通讯录同步) > Secret.",
                "管理后台 > 安全与管理 > 管理工具 > 通讯录同步：Secret",
            )),
            variable: "WECOM_CONTACTS_SECRET",
            secret: true,
            ..Spec::NEW
        },
        pub agent_id: Option<u64> = Spec {
            title: text("Enterprise App ID", "企业应用ID"),
            description: text(
                "Application ID that serves wherever an action leaves out Enterprise App ID.",
                "即AgentId。发送应用消息时使用。",
            ),
            examples: &[Text::both("1000002")],
            rules: &[rules::range(1, MAX_AGENT_ID)],
            ui: ui::hint(WHERE_AGENT_ID),
            variable: "WECOM_AGENT_ID",
            ..Spec::NEW
        },
        pub access_token: Option<String> = Spec {
            title: text("Access Token", "访问令牌（Access Token）"),
            description: text(
                "Access token that the caller keeps. It is used as it is and never refreshed.",
                "由调用方自行保管的访问令牌。连接器原样使用，不会刷新。",
            ),
            rules: &[Rule::Bare, rules::ID, rules::FITS_URL],
            ui: ui::hint(LEAVE_EMPTY).advanced(),
            variable: "WECOM_ACCESS_TOKEN",
            secret: true,
            ..Spec::NEW
        },
        pub contacts_access_token: Option<String> = Spec {
            title: text("Contacts Access Token", "通讯录访问令牌"),
            description: text(
                "Access token for departments and members, where Access Token is not for them. It is used as it is, \
                too.",
                "部门和成员操作所用的访问令牌，在“访问令牌”不适用于它们时填写。同样原样使用。",
            ),
            rules: &[Rule::Bare, rules::ID, rules::FITS_URL],
            ui: ui::hint(LEAVE_EMPTY).advanced(),
            variable: "WECOM_CONTACTS_ACCESS_TOKEN",
            secret: true,
            ..Spec::NEW
        },
        pub base_url: Option<String> = Spec {
            ui: ui::hint(text(
                "Change it only for a private WeCom, or for a proxy whose fixed IP address is trusted.",
                "仅在使用私有化部署的企业微信，或经由代理访问（代理的固定IP已加入企业可信IP）时修改。",
            )).advanced(),
            ..BASE_URL
        },
        pub timeout_seconds: Option<u32> = TIMEOUT,
        pub lower_corp_id: Option<String> = Spec {
            title: text("Lower Enterprise ID", "下级企业ID"),
            description: text(
                "ID of an enterprise that the application is shared with. All actions then work in that enterprise, with \
                an access token that WeCom issues for AppSecret; Contacts Secret is not used.",
                "应用所共享到的下级（下游）企业的ID。填写后，所有操作都在该企业中进行，访问令牌凭AppSecret换取；不使用通讯录\
                Secret。",
            ),
            examples: &[Text::both(r#""wwabcdef0123456789""#)],
            rules: &[Rule::Bare, rules::ID, rules::FITS_URL],
            ui: ui::hint(FROM_SHARED_APPS).advanced(),
            variable: "WECOM_LOWER_CORP_ID",
            ..Spec::NEW
        },
        pub lower_agent_id: Option<u64> = Spec {
            title: text("Lower Enterprise App ID", "下级企业应用ID"),
            description: text(
                "ID of the application in the lower enterprise, where it has another one. Required with Lower Enterprise \
                ID. It takes the place of Enterprise App ID.",
                "应用在下级企业中的ID，与上级企业中的不同。填写下级企业ID时必填，用来代替企业应用ID。",
            ),
            examples: &[Text::both("1000008")],
            rules: &[rules::range(1, MAX_AGENT_ID)],
            ui: ui::hint(FROM_SHARED_APPS).advanced(),
            variable: "WECOM_LOWER_AGENT_ID",
            ..Spec::NEW
        },
        pub business_type: Option<u8> = Spec {
            title: text("Kind of Sharing", "共享类型"),
            description: text(
                "How the application is shared with the lower enterprise. Default: between linked enterprises.",
                "应用以哪种方式共享给下级企业。不填时为企业互联。",
            ),
            choices: SHARING,
            rules: &[rules::range(0, 1)],
            ui: ui::ADVANCED,
            variable: "WECOM_BUSINESS_TYPE",
            ..Spec::NEW
        },
    }
}

/// An [`Application`] that breaks no rule.
#[derive(Clone, Debug)]
pub struct CheckedApplication {
    /// Where WeCom is.
    pub endpoint: Endpoint,
    /// Enterprise ID.
    pub corp_id: String,
    /// Secret of the self-built application.
    pub app_secret: Option<Secret>,
    /// Secret of contacts synchronisation.
    pub contacts_secret: Option<Secret>,
    /// Default of Enterprise App ID: that of the lower enterprise, where there is one.
    pub agent_id: Option<u64>,
    /// The application's ID in the enterprise that it belongs to.
    pub own_agent_id: Option<u64>,
    /// The enterprise that calls are for, where the application is shared with it.
    pub lower: Option<LowerCorp>,
    /// Token of the caller.
    pub access_token: Option<Secret>,
    /// Token of the caller for departments and members, where that is another one.
    pub contacts_access_token: Option<Secret>,
}

/// An enterprise that an application is shared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LowerCorp {
    /// Its ID.
    pub corp_id: String,
    /// The application's ID there.
    pub agent_id: u64,
    /// How it is shared: one of [`SHARING`].
    pub business_type: u8,
}

/// What an access token is fetched with.
#[derive(Clone, Copy)]
pub struct TokenSource<'a> {
    /// The kind of the secret.
    pub credential: Credential,
    /// The secret, of the enterprise that the application belongs to.
    pub secret: &'a Secret,
    /// The enterprise that the token is for, where it is another one.
    pub lower: Option<&'a LowerCorp>,
}

impl Connection for Application {
    type Checked = CheckedApplication;
    const TYPE: &'static str = "application";
    const TITLE: Text = text("Application", "应用");
    const DESCRIPTION: Text = text(Self::RECORD.docs.trim_ascii(), "以自建应用的身份访问企业微信。");
    const HINT: Text = text(
        "Address book, group chats and application messages use this type.",
        "通讯录、群聊和应用消息类操作使用此类型。",
    );

    fn conditions() -> Map<String, Value> {
        let says_more = either(needs(Self::lower_agent_id), needs(Self::business_type));
        let lower = when_else(
            given(Self::lower_corp_id),
            needs(Self::lower_agent_id),
            when(says_more, given(Self::lower_corp_id)),
        );
        when_else(not(given(Self::access_token)), both(given(Self::app_secret), lower.clone()), lower)
    }

    fn of(fields: &mut Parameters) -> Option<CheckedApplication> {
        fields.check_fields();
        if fields.text(Self::app_secret).is_empty() && fields.text(Self::access_token).is_empty() {
            fields.violate(
                Self::app_secret,
                &[Self::access_token.name()],
                phrase!("is required: the secret of the application, or else an access token in `access_token`"),
            );
        }
        let endpoint = Endpoint::of(fields, Self::base_url, Self::timeout_seconds, BaseUrl::default());
        let own_agent_id = fields.number(Self::agent_id);
        let lower = lower(fields);
        let mut secret = |key: Key<String>| fields.take_text(key).and_then(Secret::new);
        Some(CheckedApplication {
            endpoint,
            app_secret: secret(Self::app_secret),
            contacts_secret: secret(Self::contacts_secret),
            agent_id: lower.as_ref().map(|lower| lower.agent_id).or(own_agent_id),
            own_agent_id,
            lower,
            access_token: secret(Self::access_token),
            contacts_access_token: secret(Self::contacts_access_token),
            corp_id: fields.take_text(Self::corp_id)?,
        })
    }
}

/// The lower enterprise of a connection. What says more of it is nothing without its ID.
fn lower(fields: &mut Parameters) -> Option<LowerCorp> {
    let (corp_id, agent_id) = (Application::lower_corp_id, Application::lower_agent_id);
    let business_type = fields.number(Application::business_type);
    let Some(id) = Some(fields.text(corp_id).to_owned()).filter(|id| !id.is_empty()) else {
        if fields.number(agent_id).is_some() || business_type.is_some() {
            let rule = phrase!("is required where `lower_agent_id` or `business_type` is given");
            fields.violate(corp_id, &[], rule);
        }
        return None;
    };
    let Some(number) = fields.number(agent_id) else {
        if fields.is_good(corp_id) {
            fields.violate(agent_id, &[corp_id.name()], phrase!("is required where `lower_corp_id` is given"));
        }
        return None;
    };
    Some(LowerCorp { corp_id: id, agent_id: number, business_type: business_type.unwrap_or(0) })
}

impl CheckedApplication {
    /// The lower enterprise that a call of this API is for. What is asked of the sharing itself, only the enterprise that
    /// shares may ask.
    pub fn lower_for(&self, api: &str) -> Option<&LowerCorp> {
        self.lower.as_ref().filter(|_| !api.starts_with("corpgroup/"))
    }

    /// The caller's own token for an action with these needs, and for this API. Where there is a lower enterprise, the token
    /// is one for that.
    pub fn given_token(&self, secrets: Secrets, api: &str) -> Option<&Secret> {
        if self.lower_for(api) != self.lower.as_ref() {
            return None;
        }
        let contacts = self.contacts_access_token.as_ref().filter(|_| secrets == Secrets::Contacts);
        contacts.or(self.access_token.as_ref())
    }

    /// All tokens that the caller gave.
    pub fn given_tokens(&self) -> impl Iterator<Item = &Secret> {
        [&self.access_token, &self.contacts_access_token].into_iter().flatten()
    }

    /// What the token is fetched with for an action with these needs, in the lower enterprise or not. Contacts are
    /// synchronised with the own enterprise only.
    pub fn source<'a>(
        &'a self,
        secrets: Secrets,
        lower: Option<&'a LowerCorp>,
    ) -> Result<TokenSource<'a>, Vec<Violation>> {
        let contacts = self.contacts_secret.as_ref().filter(|_| secrets == Secrets::Contacts && lower.is_none());
        let (credential, secret) = match (contacts, &self.app_secret) {
            (Some(secret), _) => (Credential::ContactsSecret, secret),
            (None, Some(secret)) => (Credential::AppSecret, secret),
            (None, None) => {
                let rule = phrase!("is required to fetch an access token");
                return Err(vec![Violation::connection("/app_secret", rule)]);
            }
        };
        Ok(TokenSource { credential, secret, lower })
    }

    /// Everything in the connection that must not be shown.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        [&self.app_secret, &self.contacts_secret].into_iter().flatten().chain(self.given_tokens())
    }
}
