//! What the component may cost and cannot exceed: its size, the host's deadline, the host's memory.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use host_test::artifact;
use host_test::faults::{Fault, FaultServer, Target};
use host_test::host::{CallFault, Host, Limits};
use host_test::simulator::{Disturbance, Options};
use serde_json::json;
use wasmparser::BinaryReader;

use crate::harness::{Bench, Caller, Way, application, chatbot, host_with, simulator};

/// The most bytes of a component without its custom sections, and the most after `gzip -9`.
struct MaxBytes {
    stripped: usize,
    gzipped: usize,
}

/// For the component that calls the host's HTTP.
const MAX_COMPONENT: MaxBytes = MaxBytes { stripped: 900_000, gzipped: 320_000 };
/// For the one that imports nothing.
const MAX_STEPWISE: MaxBytes = MaxBytes { stripped: 900_000, gzipped: 370_000 };

const MIB: usize = 1024 * 1024;

/// The push by chatbot that all of these make.
const ROBOT: &str = "push-text-message-by-chatbot";

/// A bench in that host, before a server that misbehaves so. The connection alone would wait for ten minutes.
async fn before(fault: Fault, host: &Host) -> Bench<FaultServer> {
    let server = FaultServer::start().await.unwrap();
    server.order(Target::Business, fault).await.unwrap();
    let mut bench = Bench::of(server, host).await;
    bench.chatbot["timeout_seconds"] = json!(600);
    bench
}

#[test]
fn the_component_is_small() {
    assert_small(&artifact::component().unwrap(), MAX_COMPONENT);
}

#[test]
fn the_stepwise_component_is_small_and_at_most_a_twentieth_larger_than_the_other() {
    let outgoing = stripped(&std::fs::read(artifact::component().unwrap()).unwrap()).len();
    let stepwise = assert_small(&artifact::stepwise().unwrap(), MAX_STEPWISE);
    assert!(stepwise * 20 <= outgoing * 21, "{stepwise} bytes, and {outgoing}");
}

/// Its bytes.
fn assert_small(component: &Path, max: MaxBytes) -> usize {
    let stripped = stripped(&std::fs::read(component).unwrap());
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&stripped).unwrap();
    let gzipped = encoder.finish().unwrap();
    println!("{} bytes, {} gzipped", stripped.len(), gzipped.len());
    assert!(stripped.len() <= max.stripped, "{} bytes, and {} are allowed", stripped.len(), max.stripped);
    assert!(gzipped.len() <= max.gzipped, "{} bytes gzipped, and {} are allowed", gzipped.len(), max.gzipped);
    stripped.len()
}

/// The component without its own custom sections: names, which no engine needs.
fn stripped(component: &[u8]) -> Vec<u8> {
    let (preamble, sections) = component.split_at(8);
    let mut stripped = preamble.to_vec();
    let mut reader = BinaryReader::new(sections, 0);
    while !reader.eof() {
        let start = reader.current_position();
        let id = reader.read_u8().unwrap();
        let length = usize::try_from(reader.read_var_u32().unwrap()).unwrap();
        reader.read_bytes(length).unwrap();
        if id != 0 {
            stripped.extend_from_slice(&sections[start..reader.current_position()]);
        }
    }
    stripped
}

#[tokio::test]
async fn the_hosts_deadline_ends_a_call_to_a_server_that_never_ends() {
    let host = host_with(Limits { deadline: Duration::from_millis(500), ..Limits::default() });
    for fault in [Fault::NeverAnswered, Fault::HeadersNeverEnd, Fault::InformationalForEver, Fault::BodyTrickles] {
        let mut bench = before(fault, &host).await;
        let arguments = [json!(ROBOT), json!(bench.chatbot.to_string()), json!(json!({"content": "x"}).to_string())];
        let began = Instant::now();
        let answer = bench.caller.answer("connector", "invoke", &arguments).await;
        assert!(matches!(answer, Err(CallFault::Deadline)), "{fault:?}: {answer:?}");
        assert!(began.elapsed() < Duration::from_secs(20), "{fault:?}");
        bench.server.clear();
        let answer = Caller::of(&host).await.answer("connector", "invoke", &arguments).await;
        assert!(matches!(answer, Ok(Ok(_))), "the host goes on after {fault:?}: {answer:?}");
    }
}

#[tokio::test]
async fn the_hosts_memory_limit_ends_a_call_and_nothing_else() {
    let simulator = simulator(Options::strict()).await;
    let host = host_with(Limits { memory: 4 * MIB, ..Limits::default() });
    let call = async |content: String| {
        let parameters = json!({"content": content}).to_string();
        let arguments = [json!(ROBOT), json!(chatbot(&simulator).to_string()), json!(parameters)];
        Caller::of(&host).await.answer("connector", "invoke", &arguments).await
    };
    let answer = call("x".repeat(7 * MIB)).await;
    assert!(matches!(answer, Err(CallFault::Trap(_))), "{answer:?}");
    assert!(simulator.requests().is_empty(), "nothing was sent");
    let answer = call("x".to_owned()).await;
    assert!(matches!(answer, Ok(Ok(_))), "the host goes on: {answer:?}");
}

#[tokio::test]
async fn a_typed_list_without_end_is_refused_before_its_entries() {
    let mut bench = Bench::start().await;
    bench.way = Way::Typed;
    let parameters = json!({"to_user": vec![""; 100_000], "content": ""});
    let answer = bench.call("push-text-message", &parameters).await;
    let faults = answer.unwrap_err().faults();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(faults[0].pointer, "/to_user");
    assert_eq!(faults[0].message, "must have at most 16384 entries, and has 100000");
    assert!(bench.server.requests().is_empty());
}

#[tokio::test]
async fn replies_of_any_size_end_in_an_error_within_little_memory() {
    let host = host_with(Limits { memory: 16 * MIB, ..Limits::default() });
    for fault in [
        Fault::TenMegabytes,
        Fault::TenMegabytesChunked,
        Fault::ValuesMany,
        Fault::NestedArrays,
        Fault::NestedObjects,
        Fault::HeadersMany,
        Fault::HeaderHuge,
    ] {
        let answer = before(fault, &host).await.call(ROBOT, &json!({"content": "x"})).await;
        let failure = answer.unwrap_err().outcome_unknown();
        assert_eq!(failure.category, "protocol", "{fault:?}: {failure:?}");
    }
}

/// The greatest file goes in and comes out within that memory: nobody copies its text.
#[tokio::test]
async fn a_file_of_twenty_megabytes_fits_into_the_memory_of_the_contract() {
    let host = host_with(Limits { memory: 64 * MIB, ..Limits::default() });
    let simulator = simulator(Options::strict()).await;
    let connection = application(&simulator);
    let file: Vec<u8> = (0..20 * MIB).map(|index| (index * 31 % 251) as u8).collect();
    let base64 = STANDARD.encode(&file);
    let wrapped: Vec<&str> = base64.as_bytes().chunks(76).map(|line| str::from_utf8(line).unwrap()).collect();
    let wrapped = wrapped.join("\r\n");
    for (way, content) in [
        (Way::Typed, base64.clone()),
        (Way::Invoke, format!("data:application/octet-stream;base64,{base64}")),
        // As MIME has it, in lines.
        (Way::Invoke, wrapped),
    ] {
        let mut caller = Caller::of(&host).await;
        let upload = json!({"file_name": "备份.zip", "kind": "file", "content": content});
        let uploaded = caller.run(way, "upload-media", Some(&connection), &upload).await.unwrap();
        let media_id = &uploaded["media_id"];
        let downloaded = caller.run(way, "download-media", Some(&connection), &json!({"media_id": media_id})).await;
        let downloaded = downloaded.unwrap();
        assert_eq!(downloaded["file_name"], "备份.zip");
        assert!(downloaded["content"] == base64.as_str(), "{way:?}: the same file came back");
    }
    let too_large = STANDARD.encode([&*file, b"x"].concat());
    let upload = json!({"file_name": "备份.zip", "kind": "file", "content": too_large});
    let answer = Caller::of(&host).await.invoke("upload-media", Some(&connection), &upload).await;
    assert_eq!(answer.unwrap_err().faults()[0].pointer, "/content");
}

/// What is read where something is listed is more. The worst replies of all that are read, and the longest of WeCom's own,
/// end within the memory that the component asks a host for.
#[tokio::test]
async fn the_longest_lists_are_read_within_the_memory_of_the_contract() {
    let host = host_with(Limits { memory: 64 * MIB, ..Limits::default() });
    let simulator = simulator(Options::strict()).await;
    let connection = application(&simulator);
    let departments = |count: usize| {
        let row = r#"{"id":4294967295,"parentid":4294967295,"order":4294967295}"#;
        format!(r#"{{"errcode":0,"department_id":[{}{row}]}}"#, format!("{row},").repeat(count - 1))
    };
    let small = |unit: &str, count: usize| {
        format!(r#"{{"errcode":0,"department_id":[],"x":[{unit}{}]}}"#, format!(",{unit}").repeat(count))
    };
    for (reply, is_read) in [
        (departments(30_000), true),
        (departments(39_999), true),
        (small("{\"a\":0}", 79_990), true),
        (small("{\"a\":0}", 80_010), false),
        (small("[]", 159_990), true),
        (small("{\"a\":{\"a\":{\"a\":{}}}}", 39_000), true),
        (format!(r#"{{"errcode":0,"department_id":[],"x":"{}"}}"#, "企".repeat(1_398_000)), true),
        (small("\"企业微信\"", 300_000), false),
    ] {
        let mut caller = Caller::of(&host).await;
        caller.invoke("list-department-ids", Some(&connection), &json!({"id": 1})).await.unwrap();
        let length = reply.len();
        simulator.disturb_next(Disturbance::Replace(reply.into()));
        let answer = caller.invoke("list-department-ids", Some(&connection), &json!({})).await;
        assert_eq!(answer.is_ok(), is_read, "{length} bytes");
    }
}
