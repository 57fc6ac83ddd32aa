//! How many callbacks a second one core takes, and how soon they are answered.
//!
//! The server has one thread, and one instance of the component in it; whoever calls it has others. First it is called as
//! fast as it answers, then so many times a second. There a request is due at its time, and how long its answer takes
//! counts from then, whether or not those before it are answered: a server that falls behind cannot hide it.

use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::callback::{Receiver, channel};
use crate::simulator::posted_message;

/// The most callbacks of a run: they are made before it, and fit into memory.
pub const MAX_CALLBACKS: u32 = 100_000;
/// The longest time at one rate. What is older than ten minutes is refused.
pub const MAX_TIME: Duration = Duration::from_secs(300);
/// How many connections there are: enough for every answer that takes its time.
const CONNECTIONS: usize = 32;

/// What a run came to.
#[derive(Debug)]
pub struct Report {
    /// How many callbacks were sent in each of the two parts.
    pub callbacks: u32,
    /// How many a second there were in the second part.
    pub rate: u32,
    /// How long the first part took: as fast as they were answered.
    pub flat_out: Duration,
    /// How long the second part took.
    pub paced: Duration,
    /// How long each answer of the second part took, the quickest first.
    pub answers: Vec<Duration>,
    /// How many events came of all.
    pub events: usize,
    /// How many of these came twice.
    pub doubles: usize,
}

impl Report {
    /// How many callbacks a second were taken, when they came as fast as they were answered.
    pub fn per_second(&self) -> f64 {
        f64::from(self.callbacks) / self.flat_out.as_secs_f64().max(f64::EPSILON)
    }

    /// The time within which so many percent were answered.
    pub fn within(&self, percent: usize) -> Duration {
        let last = self.answers.len().saturating_sub(1);
        self.answers.get((self.answers.len() * percent / 100).min(last)).copied().unwrap_or_default()
    }

    /// Whether each callback became an event, and none two.
    pub fn is_whole(&self) -> bool {
        self.events == 2 * self.callbacks as usize && self.doubles == 0
    }
}

/// Calls the receiver, which has the connection of the simulator's seed.
pub async fn run(receiver: Receiver, callbacks: u32, rate: u32) -> Result<Report> {
    let (started, address) = oneshot::channel();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = std::thread::spawn(move || serve(receiver, started, stopped));
    let address = address.await.context("the server did not start")?;
    let requests = |first: u32| (first..first + callbacks).map(posted_message).collect::<Option<Vec<_>>>();
    let (flat_out, _) = call(address, requests(0).context("a message cannot be made")?, None).await?;
    let (paced, mut answers) =
        call(address, requests(callbacks).context("a message cannot be made")?, Some(rate)).await?;
    answers.sort_unstable();
    drop(stop);
    let Ok(keys) = server.join() else { bail!("the server broke down") };
    let keys = keys?;
    let distinct: HashSet<&String> = keys.iter().collect();
    let (events, doubles) = (keys.len(), keys.len() - distinct.len());
    Ok(Report { callbacks, rate, flat_out, paced, answers, events, doubles })
}

/// Serves on this thread, until it is stopped; the keys of the events.
fn serve(
    receiver: Receiver,
    started: oneshot::Sender<SocketAddr>,
    mut stopped: oneshot::Receiver<()>,
) -> Result<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let _ = started.send(listener.local_addr()?);
        let (tell, mut told) = channel();
        let server = tokio::spawn(Arc::new(receiver).serve(listener, tell));
        let mut keys = Vec::new();
        loop {
            tokio::select! {
                biased;
                Some(told) = told.recv() => keys.extend(told.event.map(|event| event.key)),
                _ = &mut stopped => break,
            }
        }
        server.abort();
        Ok(keys)
    })
}

/// Sends the requests by all connections: how long that took, and each answer.
async fn call(
    address: SocketAddr,
    requests: Vec<(String, String)>,
    rate: Option<u32>,
) -> Result<(Duration, Vec<Duration>)> {
    let requests: Arc<[(String, Bytes)]> = requests.into_iter().map(|(path, body)| (path, body.into())).collect();
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let mut connections = JoinSet::new();
    for _ in 0..CONNECTIONS {
        connections.spawn(converse(address, Arc::clone(&requests), Arc::clone(&next), began, rate));
    }
    let mut answers = Vec::with_capacity(requests.len());
    while let Some(ended) = connections.join_next().await {
        answers.extend(ended??);
    }
    Ok((began.elapsed(), answers))
}

async fn converse(
    address: SocketAddr,
    requests: Arc<[(String, Bytes)]>,
    next: Arc<AtomicUsize>,
    began: Instant,
    rate: Option<u32>,
) -> Result<Vec<Duration>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let mut answers = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let Some((path, body)) = requests.get(number) else { break };
        let due = match rate {
            Some(rate) => began + Duration::from_secs_f64(number as f64 / f64::from(rate)),
            None => Instant::now(),
        };
        tokio::time::sleep_until(due.into()).await;
        let request = Request::post(path).header("host", "wecom").body(Full::new(body.clone()))?;
        let answer = sender.send_request(request).await?;
        let status = answer.status();
        answer.into_body().collect().await?;
        answers.push(due.elapsed());
        if status != StatusCode::OK {
            bail!("callback {number} was answered with {status}");
        }
    }
    connection.abort();
    Ok(answers)
}
