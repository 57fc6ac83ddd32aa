//! What every submission must pass. Each check has a name, and can be run alone.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use artifact::{Artifact, target_folder};
use clap::ValueEnum;
use clap::builder::PossibleValue;
use serde_json::Value;

use crate::command::{cargo, program, root, run as call};

/// A check.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Step {
    /// The format of all sources
    Format,
    /// No module uses one that is built upon it
    Layers,
    /// Lints of host, tests and tools
    Lints,
    /// Lints of the components
    LintsWasm,
    /// Licences, sources and advisories of dependencies
    Deny,
    /// The components, as a stranger builds them
    Component,
    /// README's run command
    Demo,
    /// A release, built twice, tested, and looked at by tools that are not ours
    Dist,
    /// Engines that run the component
    Engines,
    /// The JavaScript package, installed by two versions of npm, and tested in three releases of Node.js, Deno and a browser
    Js,
    /// The Node-RED palette, installed by two versions of npm, and tested in a browser
    Palette,
    /// The nodes for n8n, installed by two versions of npm, and tested with the oldest and the newest n8n that can be had
    N8n,
    /// The JavaScript package, the palette and the nodes for n8n, packed and taken into the release
    PaletteDist,
    /// n8n as a whole, with the nodes of the release: on its queue, with workers that are killed, and in a browser
    N8nEngine,
    /// Clients of WeCom by others, as they are, against the simulator
    Peers,
    /// The Python package: built, installed from its wheel, and tested
    Python,
    /// The packages for Python, made twice of the release's component, taken into the release; one is installed from there
    PythonDist,
    /// The provider for Airflow: tested without a running Airflow, and with DAGs, with the newest and the oldest, and
    /// installed as README says
    Airflow,
    /// Airflow as a whole: on Celery, with workers that are killed
    AirflowEngine,
    /// Temporal, with workers that are killed
    Temporal,
    /// The sample for Node.js, with the package of the release
    Sample,
    /// More random inputs than the test command has
    Inputs,
    /// README's test command
    Test,
}

/// All steps: stages one after the other, each of lanes side by side, each of steps in their order. What waits for the
/// network, a browser or a clock stands beside what computes; what calls cargo, or writes the release, stands alone.
const STAGES: &[&[&[Step]]] = &[
    &[&[
        Step::Format,
        Step::Layers,
        Step::Lints,
        Step::LintsWasm,
        Step::Deny,
        Step::Component,
        Step::Demo,
        Step::Dist,
        // One of them looks for what the lane of JavaScript installs.
        Step::Engines,
    ]],
    &[&[Step::Js, Step::Palette, Step::N8n], &[Step::Peers, Step::Python, Step::Airflow, Step::Temporal]],
    &[&[Step::PaletteDist, Step::PythonDist]],
    // Celery's workers leave too little of two cores for a browser that is tested: not beside the palette.
    &[&[Step::N8nEngine], &[Step::Sample, Step::AirflowEngine]],
    &[&[Step::Inputs, Step::Test]],
];

/// Runs one step, or all of them.
pub(crate) fn run(step: Option<Step>) -> Result<()> {
    match step {
        Some(step) => step.run(),
        None => STAGES.iter().try_for_each(|lanes| stage(lanes)),
    }
}

/// Runs lanes side by side; one that fails does not stop the others, whose outcome is wanted, too.
fn stage(lanes: &[&[Step]]) -> Result<()> {
    let [lanes @ .., here] = lanes else { return Ok(()) };
    thread::scope(|scope| {
        let beside: Vec<_> =
            lanes.iter().map(|lane| scope.spawn(|| lane.iter().try_for_each(|step| step.run_beside()))).collect();
        let mut outcomes = vec![here.iter().try_for_each(|step| step.run())];
        outcomes.extend(beside.into_iter().map(|lane| lane.join().unwrap_or_else(|_| bail!("a lane has panicked"))));
        outcomes.into_iter().collect()
    })
}

impl Step {
    fn run(self) -> Result<()> {
        let value = self.to_possible_value();
        let (name, help) = value.as_ref().map(|value| (value.get_name(), value.get_help())).unwrap_or_default();
        println!("\n== {name}: {}", help.map(ToString::to_string).unwrap_or_default());
        let begin = Instant::now();
        let outcome = match self {
            Self::Format => format(),
            Self::Layers => crate::layers::check(root()),
            Self::Lints => lints(),
            Self::LintsWasm => lints_wasm(),
            Self::Deny => deny(),
            Self::Component => component(),
            Self::Demo => demo(),
            Self::Dist => dist(),
            Self::Engines => call(program(root().join(ENGINES), [""; 0])),
            Self::Js => js(),
            Self::Palette => palette(),
            Self::N8n => n8n(),
            Self::PaletteDist => palette_dist(),
            Self::N8nEngine => n8n_engine(),
            Self::Peers => peers(),
            Self::Python => python(),
            Self::PythonDist => python_dist(),
            Self::Airflow => airflow(),
            Self::AirflowEngine => airflow_engine(),
            Self::Temporal => temporal(),
            Self::Sample => sample(),
            Self::Inputs => inputs(),
            Self::Test => test(),
        };
        println!("== {name}: {} s", begin.elapsed().as_secs());
        outcome.with_context(|| format!("`cargo xtask ci {name}` says no"))
    }

    /// Runs the step as a process of its own, and prints at its end what it has said, in one piece.
    fn run_beside(self) -> Result<()> {
        let value = self.to_possible_value();
        let name = value.as_ref().map(PossibleValue::get_name).unwrap_or_default();
        let file = target_folder().join(format!("ci-{name}.log"));
        let log = File::create(&file).with_context(|| file.display().to_string())?;
        println!("\n== {name} begins beside this: {}", file.display());
        let mut step = program(std::env::current_exe()?, ["ci", name]);
        let status = step.stdout(log.try_clone()?).stderr(log).status()?;
        io::copy(&mut File::open(&file)?, &mut io::stdout().lock())?;
        ensure!(status.success(), "`cargo xtask ci {name}` says no");
        Ok(())
    }
}

/// The script that runs all engines.
const ENGINES: &str = "host-test/engines/run";
/// The JavaScript package.
const JS: &str = "packages/js";
/// The palette's package.
const PALETTE: &str = "packages/node-red";
/// The package for n8n.
const N8N: &str = "packages/n8n";
/// n8n as a whole.
const N8N_ENGINE: &str = "host-test/engines/n8n";
/// The provider for Airflow.
const AIRFLOW: &str = "packages/airflow";
/// The status of a script that lacks what it needs, and has said so.
const SKIPPED: i32 = 77;
/// The Python package.
const PYTHON: &str = "packages/python";
/// Packages for Python in a release: their folders, and the names of their files.
const WHEELS: [(&str, &str); 2] = [(PYTHON, "wecom_connector"), (AIRFLOW, "airflow_provider_wecom_connector")];
/// What the name of a wheel ends with.
const WHEEL: &str = "-py3-none-any.whl";
/// Where a release is made.
const DIST: &str = "dist";

fn format() -> Result<()> {
    call(cargo(["fmt", "--all", "--check"]))?;
    call(cargo(["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"]))
}

fn lints() -> Result<()> {
    call(cargo(["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn lints_wasm() -> Result<()> {
    Artifact::ALL.into_iter().try_for_each(|artifact| {
        let package =
            ["--package", "wecom-connector", "--package", "component", "--lib", "--target", artifact.target()];
        call(cargo(["clippy", "--locked"].into_iter().chain(package).chain(["--", "-D", "warnings"])))
    })
}

/// The workspaces, each with a lock file of its own.
const WORKSPACES: [&str; 3] = ["Cargo.toml", "fuzz/Cargo.toml", "host-test/engines/obelisk/Cargo.toml"];

fn deny() -> Result<()> {
    let check = |what: &[&str]| {
        WORKSPACES.iter().try_for_each(|manifest| {
            let Some(mut deny) = tool("cargo-deny") else { return Ok(()) };
            // One set of rules for all: each workspace would look for its own.
            deny.args(["--config", "deny.toml", "--manifest-path", manifest]);
            deny.args(["--locked", "--workspace", "--log-level", "error", "check"]).args(what);
            call(deny)
        })
    };
    check(&["bans", "licenses", "sources"])?;
    // Advisories are a repository of their own, which not every machine can reach.
    let database = "https://github.com/RustSec/advisory-db";
    let mut reach = program("timeout", ["30", "git", "ls-remote", "--quiet", database, "HEAD"]);
    if reach.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success()) {
        check(&["advisories"])
    } else {
        println!("skipped: the database of advisories cannot be reached");
        Ok(())
    }
}

fn component() -> Result<()> {
    call(cargo(["build", "--locked", "--release", "--target", "wasm32-wasip2"]))?;
    artifact::build(&Artifact::ALL)?.iter().try_for_each(|file| validate(file))
}

fn demo() -> Result<()> {
    let readme = fs::read_to_string(root().join("README.md"))?;
    let command = readme.split_once("```sh\n").and_then(|(_, rest)| rest.split("\n```").next());
    as_in_readme(command.context("README.md names no run command")?)
}

fn dist() -> Result<()> {
    call(cargo(["run", "--locked", "--quiet", "--package", "dist", "--", "--twice"]))?;
    call(cargo(["test", "--locked", "--quiet", "--package", "dist", "--test", "dist"]))?;
    check_sums()?;
    released(".wasm")?.iter().try_for_each(|file| validate(file))?;
    for file in released(".wit.wasm")? {
        if let Some(mut tool) = tool("wasm-tools") {
            tool.args(["component", "wit"]).arg(file).stdout(Stdio::null());
            call(tool)?;
        }
    }
    for file in released(".cdx.json")? {
        if let Some(mut python) = tool("python") {
            python.arg("-c").arg(CYCLONEDX).arg(file);
            call(python)?;
        }
    }
    Ok(())
}

/// Says whether the list of what is linked in is the CycloneDX that it says it is.
const CYCLONEDX: &str = "\
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
with open(sys.argv[1], encoding='utf-8') as file:
    sys.exit(JsonStrictValidator(SchemaVersion.V1_6).validate_str(file.read()))";

fn js() -> Result<()> {
    npm_ci(JS)?;
    npm_test(JS)?;
    later_nodes()
}

/// Where the package names the releases of Node.js that it is tested with beside the one that is installed.
const NODES: &str = "packages/js/test/node";
/// What another release may do otherwise: its `fetch`, the errors of that, and what it reads from the environment.
const NODE_TESTS: [&str; 4] =
    ["test/connector.test.js", "test/faults.test.js", "test/network.test.js", "test/package.test.js"];

/// Runs tests of the JavaScript package in those releases: side by side, since they wait more than they compute.
fn later_nodes() -> Result<()> {
    let folder = target_folder().join("ci-node");
    fs::create_dir_all(&folder)?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(root().join(NODES).join(file), folder.join(file)).with_context(|| format!("{NODES}/{file}"))?;
    }
    let package: Value = serde_json::from_slice(&fs::read(folder.join("package.json"))?)?;
    let mut npm = program("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"]);
    npm.current_dir(&folder);
    // npm goes on without one that it cannot have: they are optional there.
    let is_there = call(npm).is_ok();
    let mut tests = Vec::new();
    for name in package["optionalDependencies"].as_object().context("no Node.js is named")?.keys() {
        let node = folder.join("node_modules").join(name).join("bin/node");
        if is_there && node.exists() {
            let mut test = program(node, ["--test"]);
            test.args(NODE_TESTS).current_dir(root().join(JS));
            tests.push((name, thread::spawn(move || test.output())));
        } else {
            println!("skipped: {name} could not be installed");
        }
    }
    tests.into_iter().try_for_each(|(name, test)| {
        let output = test.join().unwrap_or_else(|_| Err(io::Error::other("a thread has panicked")))?;
        println!("$ {name} --test {}", NODE_TESTS.join(" "));
        io::stdout().write_all(&output.stdout)?;
        ensure!(output.status.success(), "the JavaScript package fails with {name}: {}", output.status);
        Ok(())
    })
}

fn palette() -> Result<()> {
    js_installed()?;
    npm_ci(PALETTE)?;
    npm_test(PALETTE)
}

fn n8n() -> Result<()> {
    js_installed()?;
    npm_ci(N8N)?;
    // n8n's packages come by their hundreds, and not every registry has all of them: the tests, too, say what they skip.
    let is_installed = |folder: &str| {
        let mut npm = program("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"]);
        npm.current_dir(root().join(N8N).join("test").join(folder));
        let is_installed = call(npm).is_ok();
        if !is_installed {
            println!("skipped: what is in packages/n8n/test/{folder} could not be installed");
        }
        is_installed
    };
    let versions = ["oldest", "newest"].map(is_installed);
    is_installed("lint");
    ensure!(
        versions.contains(&true),
        "neither the oldest nor the newest n8n could be installed: nothing would be tested"
    );
    npm_test(N8N)
}

/// Installs what the JavaScript package is built with, which the builds of the palette and of the nodes run. What is there
/// stays: a step beside this may be using it.
fn js_installed() -> Result<()> {
    let written = |file: &str| fs::metadata(root().join(JS).join(file)).and_then(|file| file.modified()).ok();
    if written("node_modules/.package-lock.json") > written("package-lock.json") {
        return Ok(());
    }
    let mut npm = program("npm", ["ci", "--no-audit", "--no-fund"]);
    npm.current_dir(root().join(JS));
    call(npm)
}

/// Installs what a package is made and tested with.
fn npm_ci(package: &str) -> Result<()> {
    let folder = root().join(package);
    // A lock that only one version of npm accepts, or only a filled cache, stops whoever comes new.
    for npm in ["npm@10", "npm@11"] {
        let (modules, cache) = (folder.join("node_modules"), target_folder().join("ci-npm-cache"));
        for left in [&modules, &cache] {
            if left.exists() {
                fs::remove_dir_all(left).with_context(|| left.display().to_string())?;
            }
        }
        let mut npx = program("npx", ["--yes", npm, "ci", "--no-audit", "--no-fund", "--cache"]);
        npx.arg(&cache).current_dir(&folder);
        call(npx)?;
        fs::remove_dir_all(&cache)?;
    }
    Ok(())
}

/// Runs the tests of a package, with the component and the simulator that are made of these sources.
fn npm_test(package: &str) -> Result<()> {
    components()?;
    let mut npm = program("npm", ["test"]);
    npm.current_dir(root().join(package));
    call(npm)
}

fn palette_dist() -> Result<()> {
    let component = released_as("wecom-connector-stepwise", ".wasm");
    for package in [JS, PALETTE, N8N] {
        let mut npm = program("npm", ["pack"]);
        npm.env("WECOM_STEPWISE_COMPONENT", &component).current_dir(root().join(package));
        call(npm)?;
    }
    call(cargo(["run", "--locked", "--quiet", "--package", "dist"]))?;
    check_sums()?;
    ensure!(
        released(".tgz")?.len() == 3,
        "the release is without the JavaScript package, the palette or the nodes for n8n"
    );
    Ok(())
}

fn n8n_engine() -> Result<()> {
    let in_folder = |name: &str, arguments: &[&str]| {
        let mut command = program(name, arguments);
        command.current_dir(root().join(N8N_ENGINE));
        command
    };
    // Not every machine can have them: the scripts say what they miss.
    if call(in_folder("sh", &["-c", SERVERS])).is_err() {
        println!("skipped: Redis and PostgreSQL could not be installed");
    }
    if call(in_folder("npm", &["ci", "--no-audit", "--no-fund", "--ignore-scripts"])).is_err() {
        println!("skipped: n8n could not be installed");
        return Ok(());
    }
    call(cargo(["build", "--locked", "--quiet", "--package", "host-test"]))?;
    let package = released_as("n8n-nodes-wecom-connector", ".tgz");
    // A fifth of the runs that its README speaks of: the others take minutes. Both wait more than they compute.
    let scripts = [&["queue.js", "--runs", "200"][..], &["editor.js"]];
    let running = scripts.map(|arguments| in_folder("node", arguments).arg(&package).spawn());
    let ends = running.map(|script| script.and_then(|mut script| script.wait()).context("node could not be started"));
    for (arguments, end) in scripts.iter().zip(ends) {
        let status = end?;
        ensure!(status.success() || status.code() == Some(SKIPPED), "`node {}` fails: {status}", arguments.join(" "));
    }
    Ok(())
}

/// Installs the servers that queues stand on, and the clock that is wrong, where Debian has them and they are not there.
const SERVERS: &str = "\
command -v redis-server >/dev/null && command -v faketime >/dev/null && [ -d /usr/lib/postgresql ] && exit
as_root=$([ \"$(id -u)\" = 0 ] || echo sudo --non-interactive)
$as_root apt-get update -qq && $as_root apt-get install -qq -y --no-install-recommends redis-server postgresql faketime";

fn peers() -> Result<()> {
    let (folder, peers) = (target_folder().join("ci-peers"), root().join("host-test/peers"));
    call(cargo(["build", "--locked", "--quiet", "--package", "host-test"]))?;
    make_venv(&folder)?;
    let in_venv = |name: &str, arguments: &[&str]| {
        let mut tool = program(folder.join("bin").join(name), arguments);
        tool.current_dir(&peers);
        tool
    };
    call(in_venv("pip", &["install", "--quiet", "--require-hashes", "--requirement", "requirements.txt"]))?;
    call(in_venv("pytest", &[]))
}

/// Makes an environment for Python, in the place of one that is there.
fn make_venv(folder: &Path) -> Result<()> {
    let mut venv = program("python3", ["-m", "venv", "--clear"]);
    venv.arg(folder);
    call(venv)
}

/// Where the Python package is tested.
fn venv() -> PathBuf {
    target_folder().join("ci-python")
}

/// A program of that environment, in the package's folder.
fn in_venv(name: &str, arguments: &[&str]) -> Command {
    let mut tool = program(venv().join("bin").join(name), arguments);
    tool.current_dir(root().join(PYTHON));
    tool
}

fn python() -> Result<()> {
    let folder = venv();
    components()?;
    make_venv(&folder)?;
    call(in_venv("pip", &["install", "--quiet", "--requirement", "requirements-dev.txt"]))?;
    // The sdist has to be whole: the wheel is built from it.
    let mut build = in_venv("python", &["-m", "build", "--outdir"]);
    build.arg(folder.join("dist"));
    call(build)?;
    let mut install =
        in_venv("pip", &["install", "--quiet", "--no-index", "--no-deps", "wecom-connector", "--find-links"]);
    install.arg(folder.join("dist"));
    call(install)?;
    call(in_venv("pip", &["check"]))?;
    call(in_venv("ruff", &["format", "--check", "."]))?;
    call(in_venv("ruff", &["check", "."]))?;
    call(in_venv("mypy", &[]))?;
    call(in_venv("pytest", &[]))?;
    // In half a minute: few members, and so fewer calls and less memory than in an hour of many.
    let size = ["--members", "1000", "--departments", "50", "--compared", "10000", "--growth", "4"];
    let pace = ["--calls-per-minute", "3600", "--limit", "6000", "--window", "4"];
    call(in_venv("python", &[&["bench/address_book.py"][..], &size, &pace].concat()))
}

fn python_dist() -> Result<()> {
    // The wheel is built from the sdist, and then from the folder.
    let second = venv().join("dist-again");
    for (folder, _) in WHEELS {
        let first = root().join(folder).join("dist");
        for (out, what) in [(&first, &[][..]), (&second, &["--sdist", "--wheel"][..])] {
            let mut build = in_venv("python", &["-m", "build", "--no-isolation", "--outdir"]);
            build.current_dir(root().join(folder)).arg(out).args(what);
            build.env("WECOM_STEPWISE_COMPONENT", released_as("wecom-connector-stepwise", ".wasm"));
            call(build)?;
        }
    }
    call(cargo(["run", "--locked", "--quiet", "--package", "dist"]))?;
    check_sums()?;
    for (_, name) in WHEELS {
        for file in [WHEEL, ".tar.gz"].map(|end| released_as(name, end)) {
            let read = |file: &Path| fs::read(file).with_context(|| file.display().to_string());
            let again = read(&second.join(file.file_name().unwrap_or_default()))?;
            ensure!(read(&file)? == again, "{} is another one when it is made again", file.display());
        }
    }
    let mut install = in_venv("pip", &["install", "--quiet", "--no-index", "--no-deps", "--force-reinstall"]);
    install.arg(released_as("wecom_connector", WHEEL));
    call(install)?;
    call(in_venv("pytest", &["tests/test_component.py", "tests/test_examples.py"]))
}

fn airflow() -> Result<()> {
    components()?;
    let newest = airflow_venv("ci-airflow", "requirements-dev.txt", &[])?;
    newest("ruff", &["format", "--check", "."])?;
    newest("ruff", &["check", "."])?;
    newest("mypy", &[])?;
    newest("pytest", &[])?;
    // Its requirements are complete; the provider's own would have newer ones.
    airflow_venv("ci-airflow-oldest", "requirements-3.0.txt", &["--no-deps"])?("pytest", &[])?;
    // As a stranger installs it, with all that it depends on.
    or_skipped("host-test/engines/airflow/readme.py").map(drop)
}

/// An environment in which the provider is installed with an Airflow: what runs a tool of it.
fn airflow_venv(name: &str, requirements: &str, options: &[&str]) -> Result<impl Fn(&str, &[&str]) -> Result<()>> {
    let folder = target_folder().join(name);
    make_venv(&folder)?;
    let tool = move |name: &str, arguments: &[&str]| {
        let mut tool = program(folder.join("bin").join(name), arguments);
        tool.current_dir(root().join(AIRFLOW));
        call(tool)
    };
    tool("pip", &["install", "--quiet", "--requirement", requirements])?;
    tool("pip", &[&["install", "--quiet", "--editable", "../python", "--editable", "."], options].concat())?;
    Ok(tool)
}

fn airflow_engine() -> Result<()> {
    components()?;
    if call(program("sh", ["-c", SERVERS])).is_err() {
        println!("skipped: Redis and PostgreSQL could not be installed");
    }
    or_skipped("host-test/engines/airflow/run.py").map(drop)
}

fn temporal() -> Result<()> {
    components()?;
    if !or_skipped("host-test/engines/temporal/run.py")? {
        return Ok(());
    }
    let tools = target_folder().join("engines/temporal/bin");
    let lints = [("ruff", &["format", "--check", "."][..]), ("ruff", &["check", "."]), ("mypy", &["."])];
    lints.into_iter().try_for_each(|(name, arguments)| {
        let mut tool = program(tools.join(name), arguments);
        tool.current_dir(root().join("host-test/engines/temporal"));
        call(tool)
    })
}

/// Runs a script that says itself where it cannot have what it needs; says whether it had it.
fn or_skipped(script: &str) -> Result<bool> {
    let status = program(root().join(script), [""; 0]).status().with_context(|| script.to_owned())?;
    ensure!(status.success() || status.code() == Some(SKIPPED), "`{script}` fails: {status}");
    Ok(status.success())
}

/// Builds what packages and engines are tested with: the component that imports nothing, and the simulator.
fn components() -> Result<()> {
    artifact::build(&[Artifact::Stepwise])?;
    call(cargo(["build", "--locked", "--quiet", "--package", "host-test"]))
}

fn sample() -> Result<()> {
    let package = released_as("wecom-connector", ".tgz");
    let mut sample = program(root().join("host-test/engines/javascript/run.py"), [""; 0]);
    sample.env("WECOM_NPM_PACKAGE", package);
    call(sample)
}

/// The seeds beside the one that the test command has.
const SEEDS: &str = "5,8,20260704";

fn inputs() -> Result<()> {
    let mut test = cargo(["test", "--locked", "--quiet", "--package", "inputs", "schema_and_connector_agree"]);
    test.env("DIFFERENTIAL_SEED", SEEDS);
    call(test)
}

/// README says how to test. What it says is what runs here.
fn test() -> Result<()> {
    let readme = fs::read_to_string(root().join("README.md"))?;
    let command = readme.split_once("Test command: `").and_then(|(_, rest)| rest.split('`').next());
    as_in_readme(command.context("README.md names no test command")?)
}

fn as_in_readme(command: &str) -> Result<()> {
    println!("$ {command}");
    call(program("sh", ["-c", command]))
}

/// The sums of a release are those of its files.
fn check_sums() -> Result<()> {
    let mut sums = program("sha256sum", ["--check", "--strict", "--quiet", "SHA256SUMS"]);
    sums.current_dir(root().join(DIST));
    call(sums)
}

/// The file of the release of that name and end.
fn released_as(name: &str, end: &str) -> PathBuf {
    root().join(DIST).join(format!("{name}-{}{end}", env!("CARGO_PKG_VERSION")))
}

/// The files of the release whose names end so.
fn released(end: &str) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(root().join(DIST))? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(end) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn validate(component: &Path) -> Result<()> {
    let Some(mut tool) = tool("wasm-tools") else { return Ok(()) };
    tool.arg("validate").arg(component);
    call(tool)
}

/// A program that `.ci/run` has installed. It does without where it cannot be had, and so do we, but say so.
fn tool(name: &str) -> Option<Command> {
    let file = target_folder().join("ci-venv/bin").join(name);
    if file.exists() {
        return Some(program(file, [""; 0]));
    }
    println!("skipped: there is no {}", file.display());
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_runs_once_and_the_tests_last() {
        let run: Vec<_> = STAGES.iter().copied().flatten().copied().flatten().map(|step| *step as usize).collect();
        let mut sorted = run.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, Step::value_variants().iter().map(|step| *step as usize).collect::<Vec<_>>());
        assert_eq!(run.last(), Some(&(Step::Test as usize)));
    }
}
