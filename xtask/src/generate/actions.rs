//! The actions, without their types.

use wecom_connector::about::About;
use wecom_connector::action::Action;
use wecom_connector::actions::{self, Visitor};
use wecom_connector::connection::Connection as _;
use wecom_connector::parameter::{Described as _, Field, Record};

/// What the generators know of an action.
pub(crate) struct Collected {
    /// What is known of it.
    pub(crate) about: About,
    /// The action's struct: `wecom_connector::actions::member::CreateMember`.
    pub(crate) path: &'static str,
    /// The type of connection: `application`.
    pub(crate) connection: &'static str,
    /// The fields of that.
    pub(crate) connection_fields: &'static [Field],
    /// Its parameters.
    pub(crate) parameters: &'static Record,
    /// Its output.
    pub(crate) output: &'static Record,
}

/// Every action, in the order of the tables.
pub(crate) fn all() -> Vec<Collected> {
    #[derive(Default)]
    struct Collector(Vec<Collected>);

    impl Visitor for Collector {
        fn visit<A: Action>(&mut self) {
            self.0.push(Collected {
                about: A::ABOUT,
                path: std::any::type_name::<A>(),
                connection: A::Connection::TYPE,
                connection_fields: A::Connection::FIELDS,
                parameters: A::Parameters::RECORD,
                output: A::Output::RECORD,
            });
        }
    }

    let mut collector = Collector::default();
    actions::visit(&mut collector);
    collector.0
}

/// The actions of each interface.
pub(crate) fn interfaces(actions: &[Collected]) -> impl Iterator<Item = (&'static str, &[Collected])> {
    actions
        .chunk_by(|one, other| one.about.interface.name == other.about.interface.name)
        .map(|actions| (actions[0].about.interface.name, actions))
}

/// `CreateMember` as `create-member`.
pub(crate) fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(c.to_ascii_lowercase());
    }
    kebab
}
