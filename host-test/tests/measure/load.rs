//! The load: what the command says, and that it finds what it is there to find.

use std::process::Output;

use host_test::faults::Fault;
use host_test::load::{self, Options, Verdict};
use serde_json::Value;

use crate::harness::host_test;

fn load(arguments: &[&str]) -> Output {
    host_test(&["load"]).args(arguments).output().expect("the harness starts")
}

fn sum(object: &Value) -> u64 {
    object.as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum()
}

#[test]
fn a_run_with_faults_loses_doubles_and_denies_nothing() {
    let output = load(&["--calls", "400", "--concurrency", "8", "--faults", "20", "--json"]);
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "no progress where no person looks: {output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
    assert_eq!((&report["calls"], &report["passed"]), (&400.into(), &true.into()), "{report:#}");

    let verdicts = &report["verdicts"];
    assert_eq!(sum(verdicts), 400, "every call has one verdict: {verdicts}");
    for fault in ["lost", "doubled", "lied", "read_uncertain", "foreign", "broken"] {
        assert_eq!(verdicts[fault], 0, "{report:#}");
    }
    for outcome in ["once", "read", "refused", "uncertain_there", "uncertain_absent"] {
        assert!(verdicts[outcome].as_u64().unwrap() > 0, "{outcome} came: {verdicts}");
    }
    assert_eq!(report["strangers"], 0);
    assert!(report["wrong"].as_array().unwrap().is_empty() && report["broken"].as_array().unwrap().is_empty());

    let column = |name: &str| -> u64 {
        report["actions"].as_array().unwrap().iter().map(|action| action[name].as_u64().unwrap()).sum()
    };
    assert_eq!(column("calls"), 400);
    let of = |names: &[&str]| -> u64 { names.iter().map(|name| verdicts[*name].as_u64().unwrap()).sum() };
    assert_eq!(column("ok"), of(&["once", "read"]));
    assert_eq!(column("rejected") + column("retryable"), of(&["refused", "read_failed"]));
    assert_eq!(column("uncertain"), of(&["uncertain_there", "uncertain_absent"]));

    let requests = &report["requests"];
    assert_eq!(sum(&requests["by_fault"]), requests["faulted"].as_u64().unwrap());
    let share = requests["faulted"].as_f64().unwrap() / requests["all"].as_f64().unwrap();
    assert!((0.14..0.26).contains(&share), "a fifth of the requests met a fault: {requests}");
    assert!(report["calls_per_second"].as_f64().unwrap() > 0.0);
    let latency = &report["latency_milliseconds"]["all"];
    assert!(latency["p50"].as_f64() <= latency["p99"].as_f64(), "{latency}");
}

#[test]
fn without_faults_every_call_succeeds_and_a_person_gets_tables() {
    let output = load(&["--calls", "120", "--concurrency", "4", "--faults", "0", "--seed", "3"]);
    let table = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert!(!table.contains('\u{1b}') && output.stderr.is_empty(), "no colours, no bar: {output:?}");
    for words in ["LOST", "DOUBLED", "LIED", "120 calls, 4 at once, 0 % faults, seed 3", "Latency", "Memory"] {
        assert!(table.contains(words), "{words}: {table}");
    }
    let failed = table.lines().filter(|line| line.contains("did not happen") || line.contains("may have happened"));
    assert!(failed.clone().count() >= 4 && failed.into_iter().all(|line| line.contains(" 0 │")), "{table}");
}

#[test]
fn what_is_repeated_with_the_duplicate_check_arrives_exactly_once() {
    let output = load(&["--calls", "300", "--concurrency", "8", "--faults", "30", "--duplicate-check", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
    assert!(output.status.success(), "{report:#}");
    assert_eq!((&report["passed"], &report["verdicts"]["once"]), (&true.into(), &300.into()), "{report:#}");
    // There was something to repeat.
    let requests = &report["requests"];
    assert!(requests["all"].as_u64().unwrap() > 350, "{requests}");
    assert!(requests["faulted"].as_u64().unwrap() > 50, "{requests}");
}

/// Every fault in the table of the library can be made to strike, so a server can be made to lie: it reports success for
/// what it has not done. A ledger that does not see that sees nothing.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_lost_on_the_way_is_found() {
    let options = Options {
        calls: 60,
        concurrency: 4,
        faults: 50.0,
        kinds: vec![Fault::FieldsMissing],
        seed: 5,
        duplicate_check: false,
    };
    let mut done = 0;
    let report = load::run(&options, |calls| done = calls).await.unwrap();
    assert_eq!(done, 60);
    let lost = report.count(Verdict::Lost);
    assert!(lost > 0, "{:?}", report.faults());
    // A read that such a server answers may look like the answer to another call; nothing else can come of it.
    let faults = report.faults();
    assert_eq!(faults[0], format!("lost {lost}"), "{faults:?}");
    assert!(faults[1..].iter().all(|fault| fault.starts_with("foreign ")), "{faults:?}");
}

#[test]
fn absurd_options_are_one_line_and_status_2() {
    for (arguments, words) in [
        (["--calls", "0"], ["--calls", "from 1 to 10000000"]),
        (["--calls", "1000000000"], ["--calls", "the ledger has to fit into memory"]),
        (["--calls", "99999999999999999999999"], ["--calls", "from 1 to 10000000"]),
        (["--calls", "-1"], ["--calls", "from 1 to 10000000"]),
        (["--calls", "1.5"], ["--calls", "a whole number"]),
        (["--calls", ""], ["--calls", "a whole number"]),
        (["--concurrency", "0"], ["--concurrency", "from 1 to 200"]),
        (["--concurrency", "201"], ["--concurrency", "two instances"]),
        (["--concurrency", "many"], ["--concurrency", "a whole number"]),
        (["--faults", "-1"], ["--faults", "from 0 to 100"]),
        (["--faults", "101"], ["--faults", "from 0 to 100"]),
        (["--faults", "NaN"], ["--faults", "from 0 to 100"]),
        (["--faults", "inf"], ["--faults", "from 0 to 100"]),
        (["--faults", "5%"], ["--faults", "a number"]),
        (["--seed", "-1"], ["--seed", "a whole number from 0"]),
    ] {
        let output = load(&arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert_eq!(stderr.trim_end().lines().count(), 1, "{stderr}");
        assert!(output.stdout.is_empty());
        for word in words {
            assert!(stderr.contains(word), "{word:?} is not in {stderr}");
        }
    }
}
