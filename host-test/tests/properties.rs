//! What must hold of every input, tried with the seeds of the fuzz targets, with what becomes of them when they are
//! edited at random, and with random addresses. What an input does and what must hold stands in the harness, which the
//! fuzz targets feed too.
//!
//! `PROPTEST_CASES` and `PROPTEST_RNG_SEED` change how many inputs there are, and which.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail by panicking")]

mod common;
#[path = "../../fuzz/src/lib.rs"]
mod harness;

use std::collections::BTreeMap;
use std::fs;

use common::{TABLES, output_schema};
use harness::{TARGETS, Target};
use host_test::artifact;
use jsonschema::Validator;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};

/// Inputs of a property, where the environment does not say.
const CASES: u32 = 2000;
/// What every run starts from, where the environment does not say.
const SEED: u64 = 29;

/// The seeds of a target, by name.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = artifact::workspace().join("fuzz/seeds").join(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut seeds: Vec<(String, Vec<u8>)> = files
        .map(|file| file.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect();
    seeds.sort();
    assert!(seeds.len() > 10, "{target} has {} seeds", seeds.len());
    seeds
}

fn target(name: &str) -> Target {
    *TARGETS.iter().find(|(target, _)| *target == name).unwrap()
}

/// Tries `property` with inputs of the strategy. A failure shows the smallest input that was found.
fn hold<S: Strategy<Value = Vec<u8>>>(name: &str, inputs: &S, property: impl Fn(&[u8])) {
    let set = |name| std::env::var_os(name).is_some();
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if !set("PROPTEST_CASES") {
        config.cases = CASES;
    }
    if !set("PROPTEST_RNG_SEED") {
        config.rng_seed = RngSeed::Fixed(SEED);
    }
    let outcome = TestRunner::new(config).run(inputs, |input| {
        property(&input);
        Ok(())
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(why, input)) => panic!("{name}: {why}\nb\"{}\"", input.escape_ascii()),
        Err(TestError::Abort(why)) => panic!("{name}: {why}"),
    }
}

/// One change to an input.
#[derive(Clone, Debug)]
enum Edit {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize),
}

/// The words of a dictionary of the fuzz targets.
fn words(dictionary: &str) -> Vec<Vec<u8>> {
    let text = fs::read_to_string(artifact::workspace().join("fuzz").join(dictionary)).unwrap();
    let quoted = text.lines().filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
    let words: Vec<Vec<u8>> = quoted
        .map(|word| {
            let mut bytes = Vec::new();
            let mut parts = word.split("\\x");
            bytes.extend_from_slice(parts.next().unwrap().as_bytes());
            for part in parts {
                bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
                bytes.extend_from_slice(&part.as_bytes()[2..]);
            }
            bytes
        })
        .collect();
    assert!(words.len() > 20, "{dictionary} has {} words", words.len());
    words
}

/// Seeds with some edits.
fn edited(target: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let dictionary = if ["base_url", "webhook"].contains(&target) { "url.dict" } else { "json.dict" };
    let edit = prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        (any::<Index>(), select(words(dictionary))).prop_map(|(at, word)| Edit::Insert(at, word)),
        (any::<Index>(), 1..8_usize).prop_map(|(at, count)| Edit::Remove(at, count)),
        (any::<Index>(), 1..64_usize).prop_map(|(at, count)| Edit::Repeat(at, count)),
    ];
    let seeds: Vec<Vec<u8>> = seeds(target).into_iter().map(|(_, seed)| seed).collect();
    (select(seeds), vec(edit, 0..6)).prop_map(|(mut input, edits)| {
        for edit in edits {
            let at = |index: Index, input: &[u8]| index.index(input.len() + 1);
            match edit {
                Edit::Set(index, byte) => {
                    let at = at(index, &input);
                    input.splice(at..input.len().min(at + 1), [byte]);
                }
                Edit::Insert(index, word) => {
                    let at = at(index, &input);
                    input.splice(at..at, word);
                }
                Edit::Remove(index, count) => {
                    let at = at(index, &input);
                    input.drain(at..input.len().min(at + count));
                }
                Edit::Repeat(index, count) => {
                    let at = at(index, &input);
                    let part = input[at..input.len().min(at + 16)].repeat(count);
                    input.splice(at..at, part);
                }
            }
        }
        input
    })
}

fn text(pattern: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    proptest::string::string_regex(pattern).unwrap().prop_map(String::into_bytes)
}

#[test]
fn what_must_hold_holds_of_every_seed() {
    for (target, run) in TARGETS {
        for (name, seed) in seeds(target) {
            let held = std::panic::catch_unwind(|| run(&seed));
            assert!(held.is_ok(), "fuzz/seeds/{target}/{name}");
        }
    }
}

#[test]
fn parameters_are_taken_or_refused() {
    hold("invoke", &edited("invoke"), target("invoke").1);
}

#[test]
fn a_connection_is_taken_or_refused_and_gives_no_secret_away() {
    hold("connection", &edited("connection"), target("connection").1);
}

#[test]
fn a_reply_is_judged_and_an_output_fits_its_schema() {
    let validator = |id| jsonschema::draft7::new(&output_schema(id)).unwrap();
    let validators: BTreeMap<&str, Validator> = TABLES.iter().map(|table| (table.id, validator(table.id))).collect();
    hold("reply", &edited("reply"), |input| {
        if let Some((about, output)) = harness::replied(input) {
            let output = serde_json::from_str(&output).unwrap();
            let faults: Vec<String> = validators[about.id].iter_errors(&output).map(|e| e.to_string()).collect();
            assert!(faults.is_empty(), "{}: {output}: {faults:?}", about.id);
        }
    });
}

#[test]
fn a_base_url_never_changes_its_authority() {
    let (name, run) = target("base_url");
    hold(name, &edited(name), run);
    hold(name, &text(r"(https?|HTTP)://[a-zA-Z0-9.\-]{1,12}(:[0-9]{0,6})?(/[!-~]{0,8}){0,4}"), run);
    hold(name, &text(r"https?://([!-~]|\PC){0,24}"), run);
}

#[test]
fn a_webhook_address_gives_the_base_and_the_key_that_stand_in_it() {
    let (name, run) = target("webhook");
    hold(name, &edited(name), run);
    hold(
        name,
        &text(
            r"https?://[a-z.]{1,9}(:[0-9]{1,5})?(/[a-z]{0,4}){0,3}/cgi-bin/webhook/send\?([!-~]{0,6}&)?key=([!-~]|%[0-9A-F]{2}){0,12}",
        ),
        run,
    );
}

/// An input may hold the mark itself: then it is no secret that is shown. One that does not hold it excuses nothing.
#[test]
fn a_mark_of_the_input_s_own_is_known_in_every_form() {
    for text in [
        "QMARK",
        r#"{"\u0051MARK":1}"#,
        r#"{"81, 77, 65, 82, 75":1}"#,
        "[81,77, 65,\n82,75]",
        "８１, 77, 65, 82, 75",
        "ＱMARK",
        "QM\u{7}ARK",
        "Q\u{1b}[31mMARK",
        r"Q\u001b[0;31mMARK",
        r"Q\tMARK",
        "Q\u{200b}MARK",
        "%51MARK",
        "%2525%35%31MARK",
        "中\\中QMARK",
    ] {
        assert!(harness::holds_mark(text), "{text:?}");
    }
    for text in ["", "QMAR", "81, 77, 65, 82", "181, 77, 65, 82, 75", "KRAMQ", r"\", r"\u005", "{\"to_user\":[\"a\"]}"]
    {
        assert!(!harness::holds_mark(text), "{text:?}");
    }
}

#[test]
fn what_is_no_text_at_all_holds_too() {
    for (name, run) in TARGETS {
        hold(name, &vec(any::<u8>(), 0..64), run);
    }
}
