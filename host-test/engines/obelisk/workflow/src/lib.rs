//! Welcomes a new hire in WeCom. Obelisk replays it after a stop: what is done is taken from its log, not done again.

wit_bindgen::generate!({
    path: ["../../../../wit", "wit"],
    world: "new-hire:flow/workflow",
    generate_all,
});

use exports::new_hire::flow::new_hire::{Guest, Hire};
use new_hire::flow::people;
use obelisk::types::time::{Duration, ScheduleAt};
use obelisk::workflow::workflow_support;
use wecom::connector::app_message::{self, PushTextMessageParameters};
use wecom::connector::department::{self, CreateDepartmentParameters};
use wecom::connector::group_chat::{self, CreateGroupChatParameters};
use wecom::connector::member::{self, CreateMemberParameters};
use wecom::connector::types::{Category, Error, Failure};

/// How often a step that certainly did not happen is repeated.
const REPETITIONS: u32 = 8;

struct Workflow;

impl Guest for Workflow {
    fn welcome(hire: Hire) -> Result<Option<String>, String> {
        step("create-department", || {
            department::create_department(
                None,
                &CreateDepartmentParameters {
                    name: hire.department.clone(),
                    name_en: None,
                    parent_id: 1,
                    order: None,
                    id: Some(hire.department_id),
                },
            )
        })?;
        step("create-member", || {
            member::create_member(
                None,
                &CreateMemberParameters {
                    user_id: hire.user_id.clone(),
                    name: hire.name.clone(),
                    department: Some(vec![hire.department_id]),
                    email: Some(hire.email.clone()),
                    alias: None,
                    gender: None,
                    enable: None,
                    main_department: None,
                    position: None,
                    order: None,
                    is_leader_in_dept: None,
                    direct_leader: None,
                    telephone: None,
                    mobile: None,
                    biz_mail: None,
                    address: None,
                },
            )
        })?;
        step("create-group-chat", || {
            group_chat::create_group_chat(
                None,
                &CreateGroupChatParameters {
                    name: Some(hire.department.clone()),
                    owner: Some(hire.colleague.clone()),
                    user_list: vec![hire.colleague.clone(), hire.user_id.clone()],
                    chat_id: Some(hire.chat_id.clone()),
                },
            )
        })?;
        let delivery = step("push-text-message", || {
            app_message::push_text_message(
                None,
                &PushTextMessageParameters {
                    to_user: Some(vec![hire.user_id.clone()]),
                    to_party: None,
                    agent_id: None,
                    content: hire.welcome.clone(),
                    safe: None,
                    to_tag: None,
                    duplicate_check_interval: None,
                },
            )
        })?;
        Ok(delivery.and_then(|delivery| delivery.msg_id))
    }
}

/// Carries out a step until it is done: its output, or nothing where a person said that it had happened.
fn step<T>(name: &str, call: impl Fn() -> Result<T, Error>) -> Result<Option<T>, String> {
    let mut repetitions = 0;
    loop {
        let error = match call() {
            Ok(output) => return Ok(Some(output)),
            Err(error) => error,
        };
        if let Error::Retryable(failure) = &error
            && repetitions < REPETITIONS
        {
            let seconds = failure.retry_after_seconds.map_or(1 << repetitions, u64::from);
            repetitions += 1;
            // A durable sleep: the server may be stopped meanwhile. It ends early where somebody cancels the delay.
            let _ = workflow_support::sleep(ScheduleAt::In(Duration::Seconds(seconds)));
            continue;
        }
        if !needs_a_person(&error) {
            return Err(format!("{name}: {}", words(&error)));
        }
        match people::decide(name, &words(&error))?.as_str() {
            "happened" => return Ok(None),
            "repeat" => repetitions = 0,
            other => return Err(format!("{name}: neither happened nor repeat, but {other}")),
        }
    }
}

/// Whether someone has to look, or to act, before it is known how to go on.
fn needs_a_person(error: &Error) -> bool {
    match error {
        // The second is what Obelisk says of a call that it lost: the server stopped, or the lock expired.
        Error::PermanentOutcomeUnknown(_) | Error::ExecutionFailed => true,
        // What is there already may be this step's own, done before an answer was lost; a token may be too old.
        Error::PermanentRejected(failure) => matches!(failure.category, Category::Conflict | Category::Authentication),
        Error::Retryable(_) => true,
        Error::PermanentInvalidParameters(_) => false,
    }
}

/// An error in a line: the case, WeCom's code, and what a person does now.
fn words(error: &Error) -> String {
    let told = |case: &str, failure: &Failure| {
        let code = failure.errcode.map_or(String::new(), |code| format!(" {code}"));
        format!("{case}{code}: {}", failure.hint.en)
    };
    match error {
        Error::ExecutionFailed => "execution-failed: the engine lost the call; it may have happened".to_owned(),
        Error::PermanentInvalidParameters(faults) => {
            let places: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
            format!("permanent-invalid-parameters: {}", places.join(", "))
        }
        Error::PermanentRejected(failure) => told("permanent-rejected", failure),
        Error::PermanentOutcomeUnknown(failure) => told("permanent-outcome-unknown", failure),
        Error::Retryable(failure) => told("retryable", failure),
    }
}

export!(Workflow);
