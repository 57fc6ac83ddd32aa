//! Callbacks through the component that imports nothing: the vectors of others, and bytes on the wire of the web server.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use host_test::callback::{Note, Receiver, Told, Unusable, channel, event_json, limits};
use host_test::simulator::seed::{self, *};
use host_test::simulator::{Options, Press, Simulator, State};
use host_test::stepwise::Calls;
use host_test::stepwise::bindings::exports::wecom::connector::callback::{CallbackError, Check, Event, Format};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use wecom_connector::secrecy::assert_no_secret;

use crate::harness::{stepwise_host, stepwise_host_with};
