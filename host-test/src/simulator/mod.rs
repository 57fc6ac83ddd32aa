//! WeCom's server side on loopback: a stateful stand-in for `qyapi.weixin.qq.com`, for any client.
//!
//! It refuses what WeCom refuses, and takes what WeCom is known to take from clients in production: unknown keys, `null`
//! and empty values, numbers as texts, parts of an upload without a name. With [`Options::strict`] it refuses whatever
//! the documentation does not allow. A client that passes then sends what is documented; one that WeCom merely tolerates
//! fails. How a request is read is decided in three places, for all calls: `http` (queries), `fields` (JSON) and
//! `multipart` (uploads).
//!
//! - [`World`] is the pure core: state, a virtual clock, and [`World::answer`] from a request to a reply.
//! - [`Simulator`] is the thin HTTP/1.1 layer around one `World`, and keeps what it received.
//! - [`seed`] names what a fresh world contains.
//! - Another process orders faults and reads what was delivered by HTTP, below `/simulator/`: `control`. Where its client
//!   has WeCom's host name fixed, the simulator is the HTTPS proxy that it takes: [`Simulator::authority`].
//!
//! A file uses only those above it and those before it in its row, which `cargo xtask ci layers` reads here and checks:
//!
//! | file | what it holds |
//! |---|---|
//! | `codes`, `ids`, `clock`, `options`, `ledger`, `duplicates`, `frequency` | the ground: WeCom's codes, what is numbered, what was delivered, how often somebody calls |
//! | `envelope`, `xml` | how a callback is written |
//! | `http`, `fields`, `image`, `callback` | queries and JSON as they are read; what makes a picture one; what WeCom tells callback URLs |
//! | `multipart`, `media` | uploads, and what has been uploaded |
//! | `members`, `corp` | what an enterprise has |
//! | `token`, `seed` | access tokens; what a fresh world contains |
//! | `session` | what a call may see and change |
//! | `endpoint` | what a call is: path, query, whose token |
//! | `card`, `content` | message bodies that several areas share |
//! | `app`, `customer`, `department`, `member`, `tag`, `group_chat`, `message`, `chatbot`, `linked_corp`, `shared_app` | one file per area of the API |
//! | `world` | the state, and from a request to a reply |
//! | `acts`, `endpoints` | what members do; every call, and the way to its answer |
//! | `control`, `tls`, `delivery` | orders of other processes; the HTTPS proxy; how callbacks are sent |
//! | `server` | HTTP |
//!
//! To add a call, write its function in the file of its area, and its line in that file's `ENDPOINTS`. What is
//! answered in a way of its own, as uploads are, stands in `endpoints`.
//!
//! # Where the documentation leaves a choice
//!
//! - The codes 43001 and 43002 are not in our reference, so a wrong method is 40063, as is a GET with a body.
//! - `debug=1` is documented as not for production and treated like any unknown query key.
//! - An unknown department of a new member is refused (60123) unless [`Options::create_unknown_departments`].
//! - A member without `department` joins [`seed::UNASSIGNED_DEPARTMENT_ID`].
//! - Which code blocks searches for a member after too many misses is not in our reference: 45009 here. Ten misses a day
//!   are free in the smallest corp, too.
//! - An invitation of nobody who is known succeeds, and names everyone.
//! - Receivers without a licence are named in `unlicenseduser` and are not *invalid*: alone they do not make 81013.
//! - Customers: a member without customers is 84061, as a customer who has deleted everybody; a customer of whom no follower
//!   is in view is 60011; a cursor that was not handed out is 50100.
//! - A message that the duplicate check holds back is answered as the one that was delivered, with its `msgid`. Only what
//!   was delivered is remembered, from then on, and told apart by the body as it was sent.
//! - A notice of a mini program to `@all` is 40058, an article in a group chat without `url` 40063.
//! - Every app sees all of the linked corps. A member of them that is unknown is 60111, a department 60123.
//! - A template card's missing title is 41016, its task ID missing, malformed or used twice 42014, too many buttons or menu
//!   entries 40058; the text of a submit button may be absent, since it has a default. A response code that is unknown, used
//!   or older than 72 hours is 60140, that of a withdrawn message 42016. [`seed::OTHER_AGENT_ID`] has no callback URL.
//! - A token for a lower corp is refused with 670001 where the app is not shared with that, and with 40056 where it has
//!   another id there.
//! - An update is atomic here; the real one may stop half-way.
//! - In an update `""` clears `alias`, `position`, `telephone`, `address` and a department's `name_en`, and `[]` clears
//!   `direct_leader`; every other empty value is treated as in a creation.
//! - A body that is no form, or not the one that its `Content-Type` names, is 44001; a form without the file is 41005.
//! - `media/get` serves any range: nothing here is stored encrypted, or larger than one answer may be. One that lies
//!   behind the end is HTTP 416. `media/uploadimg` has no limit a day.
//! - A text is one line, but for `content`, `digest` and `description`, which have line breaks and tabs. Other control
//!   characters are refused everywhere (40058, or the field's own code): a client that passes has taken them out.
//! - Callbacks: whoever changes contacts by the API, the URL of contacts hears of it, since there is no console here to
//!   change them in; WeCom tells contacts synchronisation nothing of its own changes. That URL is told IDs and departments
//!   of members only, as those are that were set after August 2022, unless [`Options::tell_hidden_fields`]. A callback that
//!   failed is sent again five seconds after it was sent, whether it failed at once or in the end. A press of a card whose
//!   button was replaced is refused.
//! - An image has to be a PNG or JPG from its first to its last chunk, or it is 40123. WeCom's own example of a chatbot's
//!   image, the word `hello` in Base64, shows the encoding, and is none.

mod acts;
mod app;
mod callback;
mod card;
mod chatbot;
mod clock;
mod codes;
mod content;
mod control;
mod corp;
mod customer;
mod delivery;
mod department;
mod duplicates;
mod endpoint;
mod endpoints;
mod envelope;
mod fields;
mod frequency;
mod group_chat;
mod http;
mod ids;
mod image;
mod ledger;
mod linked_corp;
mod media;
mod member;
mod members;
mod message;
mod multipart;
mod options;
pub mod seed;
mod server;
mod session;
mod shared_app;
mod tag;
mod tls;
mod token;
mod world;
mod xml;

pub use self::acts::{Press, posted_message};
pub use self::callback::{Attempt, Delivery, REPEATS, Source, State};
pub use self::control::Disturbance;
pub use self::corp::{App, Chat, Corp, Customer, CustomerChat, Department, Follow, Maker, Share, Tag};
pub use self::http::{Request, Response};
pub use self::ledger::{Message, Target};
pub use self::media::{MediaKind, MediaOwner};
pub use self::members::{Member, Members, Membership};
pub use self::options::Options;
pub use self::server::{Recorded, Simulator};
pub use self::tls::HOST;
pub use self::world::World;
