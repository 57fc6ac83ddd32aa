//! The sockets.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use percent_encoding::percent_decode_str;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};

use super::script::{Act, End, Exchange, Script, TOKEN, Take, gives_file, script, success};
use super::{Fault, Reach, Scope, tls};

/// The longest head of a request that is understood.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// The longest body that is read.
const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;
/// How many secrets are remembered, the latest: an instance for each call brings a token for each call.
const MAX_SECRETS: usize = 64;
/// How many connections may wait to be accepted: few where the queue has to be filled, many before a simulator.
const SHORT_QUEUE: u32 = 16;
const LONG_QUEUE: u32 = 1024;
/// After this long on loopback a connection is not made any more: the queue is full.
const QUEUE_IS_FULL: Duration = Duration::from_millis(150);

/// The requests that an ordered fault is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Those for an access token.
    Gettoken,
    /// All others. A fault of the listener waits until an access token was issued.
    Business,
    /// Every request. A fault of the listener is there at once.
    All,
}

/// How much of a request arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrived {
    /// It came, and was not read.
    Unread,
    /// Its head was read.
    Head,
    /// All of it was read.
    Whole,
}

/// A request that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The path, not decoded.
    pub path: String,
    /// How much of it was read.
    pub arrived: Arrived,
    /// The fault that it met.
    pub fault: Option<Fault>,
    /// Whether the server behind this one has answered it.
    pub forwarded: bool,
}

impl Seen {
    /// Whether it asked for an access token.
    pub fn is_gettoken(&self) -> bool {
        self.path.ends_with("/gettoken")
    }
}

/// Which requests meet which faults before a simulator.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The same seed and the same order of requests make the same faults.
    pub seed: u64,
    /// How many of the requests meet a fault: 0.0 none, 1.0 all.
    pub fraction: f64,
    /// The faults, each as likely as the others. Those that are not of the scope [`Scope::Exchange`] are left out.
    pub faults: Vec<Fault>,
}

/// A running server. It stops when the handle is dropped.
#[derive(Debug)]
pub struct FaultServer {
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl FaultServer {
    /// Starts a server on 127.0.0.1 that answers by itself, on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// Where no port can be had.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with I/O and time.
    pub async fn start() -> io::Result<Self> {
        Self::listen(None).await
    }

    /// Starts a reverse proxy on 127.0.0.1 before a simulator that listens at `upstream`.
    ///
    /// # Errors
    ///
    /// Where no port can be had.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with I/O and time.
    pub async fn in_front_of(upstream: SocketAddr, plan: Plan) -> io::Result<Self> {
        Self::listen(Some((upstream, plan))).await
    }

    async fn listen(proxy: Option<(SocketAddr, Plan)>) -> io::Result<Self> {
        // A socket that is bound and never listens keeps the port from others when the listener is closed.
        let keeper = socket()?;
        keeper.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let address = keeper.local_addr()?;
        let listener = socket()?;
        listener.bind(address)?;
        let listener = listener.listen(if proxy.is_some() { LONG_QUEUE } else { SHORT_QUEUE })?;
        let (upstream, plan) = proxy.unzip();
        let (control, orders) = mpsc::channel(1);
        let random = Rng::with_seed(plan.as_ref().map_or(0, |plan| plan.seed));
        let state = State {
            order: None,
            listener: None,
            seen: Vec::new(),
            forgotten: 0,
            triggered: 0,
            secrets: Vec::new(),
            random,
        };
        let shared = Arc::new(Shared { address, upstream, plan, control, state: Mutex::new(state) });
        let server = tokio::spawn(serve(keeper, listener, Arc::clone(&shared), orders));
        Ok(Self { shared, server })
    }

    /// Orders a fault for some requests, in place of the one before. Faults of the listener cannot be taken back.
    ///
    /// # Errors
    ///
    /// Where the system does not let the listener be closed in that way: the message says why.
    pub async fn order(&self, target: Target, fault: Fault) -> io::Result<()> {
        self.shared.state().order = Some((target, fault));
        if fault.scope() == Scope::Address || (fault.scope() == Scope::Listener && target != Target::Business) {
            self.shared.close(fault).await?;
        }
        Ok(())
    }

    /// From here on all is well.
    pub fn clear(&self) {
        self.shared.state().order = None;
    }

    /// Where clients find the server, without a slash at the end. A fault of the address changes it.
    pub fn base_url(&self) -> String {
        match self.shared.state().order {
            Some((_, Fault::NameUnresolved)) => "http://wecom.invalid".to_owned(),
            // To connect to a broadcast address is refused by the system itself.
            Some((_, Fault::NoRoute)) => "http://255.255.255.255".to_owned(),
            Some((_, fault)) if fault.scope() == Scope::Address => format!("https://{}", self.shared.address),
            _ => self.shared.base_url(),
        }
    }

    /// The requests that came so far, in the order they came.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.state().seen.clone()
    }

    /// The same, and forgets them. Of one that is under way it is not yet known how much arrived.
    pub fn take_seen(&self) -> Vec<Seen> {
        self.shared.state().take_seen()
    }

    /// How often a fault was triggered: requests, or connections where the fault comes before the request.
    pub fn triggered(&self) -> usize {
        self.shared.state().triggered
    }

    /// Forgets the requests that came so far.
    pub fn forget(&self) {
        let mut state = self.shared.state();
        state.take_seen();
        state.triggered = 0;
    }
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A socket that may share its port with another one of ours.
fn socket() -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    #[cfg(unix)]
    socket.set_reuseport(true)?;
    #[cfg(not(unix))]
    socket.set_reuseaddr(true)?;
    Ok(socket)
}

#[derive(Debug)]
struct Shared {
    address: SocketAddr,
    upstream: Option<SocketAddr>,
    plan: Option<Plan>,
    control: mpsc::Sender<Close>,
    state: Mutex<State>,
}

/// Asks the server to close the listener with a fault, and to say when that is done.
type Close = (Fault, oneshot::Sender<io::Result<()>>);

#[derive(Debug)]
struct State {
    order: Option<(Target, Fault)>,
    /// The fault that whoever connects meets.
    listener: Option<Fault>,
    seen: Vec<Seen>,
    /// How many came before the first of those.
    forgotten: usize,
    triggered: usize,
    secrets: Vec<String>,
    random: Rng,
}

impl State {
    fn remember(&mut self, secret: String) {
        if !secret.is_empty() && !self.secrets.contains(&secret) {
            if self.secrets.len() == MAX_SECRETS {
                self.secrets.remove(0);
            }
            self.secrets.push(secret);
        }
    }

    fn take_seen(&mut self) -> Vec<Seen> {
        self.forgotten += self.seen.len();
        std::mem::take(&mut self.seen)
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    async fn close(&self, fault: Fault) -> io::Result<()> {
        let (done, closed) = oneshot::channel();
        let gone = |()| io::Error::other("the server has stopped");
        self.control.send((fault, done)).await.map_err(|_| gone(()))?;
        closed.await.map_err(|_| gone(()))?
    }

    /// The fault that a request meets, and whether the server behind this one gets it all the same.
    fn fault_for(&self, path: &str) -> (Option<Fault>, bool) {
        let mut state = self.state();
        if let Some(plan) = &self.plan {
            let faults: Vec<Fault> =
                plan.faults.iter().copied().filter(|fault| fault.scope() == Scope::Exchange).collect();
            // The same number of draws for every request, so that one does not change the luck of those behind it.
            let (strikes, which, forwards) = (state.random.f64(), state.random.f64(), state.random.f64());
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 up to their number")]
            let which = (which * faults.len() as f64) as usize;
            return match faults.get(which).filter(|_| strikes < plan.fraction) {
                None => (None, true),
                Some(fault) => {
                    state.triggered += 1;
                    let forwards = match fault.reach() {
                        Reach::Never => false,
                        Reach::Perhaps => forwards < 0.5,
                        Reach::Always => true,
                    };
                    (Some(*fault), forwards)
                }
            };
        }
        let is_gettoken = path.ends_with("/gettoken");
        let ordered = state.order.filter(|(target, fault)| {
            fault.scope() == Scope::Exchange
                && match target {
                    Target::Gettoken => is_gettoken,
                    Target::Business => !is_gettoken,
                    Target::All => true,
                }
        });
        state.triggered += usize::from(ordered.is_some());
        (ordered.map(|(_, fault)| fault), false)
    }

    /// The fault of the listener that has to be there before the answer to this request.
    fn listener_after(&self, path: &str) -> Option<Fault> {
        let order = self.state().order.filter(|_| path.ends_with("/gettoken"));
        order
            .filter(|(target, fault)| *target == Target::Business && fault.scope() == Scope::Listener)
            .map(|(_, fault)| fault)
    }
}

/// Accepts connections until the listener is closed or the handle dropped; with this future end all conversations.
async fn serve(keeper: TcpSocket, listener: TcpListener, shared: Arc<Shared>, mut orders: mpsc::Receiver<Close>) {
    let mut conversations = JoinSet::new();
    let mut listener = Some(listener);
    let mut parked = Vec::new();
    let mut full = false;
    loop {
        tokio::select! {
            Some((fault, done)) = orders.recv() => {
                shared.state().listener = Some(fault);
                let result = match fault {
                    Fault::ConnectionRefused => {
                        listener = None;
                        Ok(())
                    }
                    Fault::ConnectTimeout => {
                        full = true;
                        fill(shared.address, &mut parked).await
                    }
                    _ => Ok(()),
                };
                // Whoever asked may have gone.
                let _ = done.send(result);
            }
            Some(stream) = accept(listener.as_ref()), if !full => {
                conversations.spawn(receive(stream, Arc::clone(&shared)));
            }
            Some(_) = conversations.join_next() => {}
            else => break,
        }
    }
    drop(keeper);
}

async fn accept(listener: Option<&TcpListener>) -> Option<TcpStream> {
    loop {
        match listener?.accept().await {
            Ok((stream, _)) => return Some(stream),
            // Out of file descriptors, most likely: others have to close some first.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// Fills the queue of a port that nobody accepts from.
async fn fill(address: SocketAddr, parked: &mut Vec<TcpStream>) -> io::Result<()> {
    for _ in 0..SHORT_QUEUE * 4 {
        match tokio::time::timeout(QUEUE_IS_FULL, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => parked.push(stream),
            Ok(Err(error)) => return Err(error),
            Err(_) => return Ok(()),
        }
    }
    Err(io::Error::other("the system lets everybody connect, however full the queue of the port is"))
}

/// One connection, from its first moment on.
async fn receive(stream: TcpStream, shared: Arc<Shared>) {
    // Without it an answer in two segments may wait for an acknowledgement.
    let _ = stream.set_nodelay(true);
    let closed = shared.state().listener;
    let Some(fault) = closed else {
        let mut conversation = Conversation { stream, upstream: None, shared };
        // How a client ends its connection is its own affair.
        let _ = conversation.run().await;
        return;
    };
    shared.state().triggered += 1;
    let mut stream = stream;
    let _ = match fault {
        Fault::ResetOnAccept => stream.set_zero_linger(),
        Fault::TlsReset => stream.readable().await.and_then(|()| stream.set_zero_linger()),
        Fault::TlsClosed => read_some(&mut stream).await,
        Fault::TlsNotSpoken => answer_some(&mut stream, b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await,
        // Fatal, handshake failure.
        Fault::TlsAlert => answer_some(&mut stream, b"\x15\x03\x03\0\x02\x02\x28").await,
        Fault::TlsUntrusted => tls::untrusted(&mut stream).await,
        Fault::TlsSilent => drain(&mut stream).await,
        _ => Ok(()),
    };
}

async fn read_some(stream: &mut TcpStream) -> io::Result<()> {
    let mut bytes = [0; 4096];
    stream.read(&mut bytes).await.map(drop)
}

async fn answer_some(stream: &mut TcpStream, answer: &[u8]) -> io::Result<()> {
    read_some(stream).await?;
    stream.write_all(answer).await?;
    stream.shutdown().await
}

/// Reads and forgets until the client goes.
async fn drain(stream: &mut TcpStream) -> io::Result<()> {
    let mut bytes = vec![0; 64 * 1024];
    while stream.read(&mut bytes).await? > 0 {}
    Ok(())
}

/// A connection that requests come on.
struct Conversation {
    stream: TcpStream,
    upstream: Option<TcpStream>,
    shared: Arc<Shared>,
}

impl Conversation {
    async fn run(&mut self) -> io::Result<()> {
        while let Some(head) = peek(&self.stream).await? {
            let (path, query) = head.target.split_once('?').unwrap_or((head.target.as_str(), ""));
            let (fault, forward) = self.shared.fault_for(path);
            let index = {
                let mut state = self.shared.state();
                for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
                    if matches!(name, "corpsecret" | "access_token" | "key") {
                        state.remember(percent_decode_str(value).decode_utf8_lossy().into_owned());
                    }
                }
                let issues = fault.is_none_or(|fault| fault.reach() == Reach::Always);
                if path.ends_with("/gettoken") && issues && self.shared.upstream.is_none() {
                    state.remember(TOKEN.to_owned());
                }
                state.seen.push(Seen { path: path.to_owned(), arrived: Arrived::Unread, fault, forwarded: false });
                state.forgotten + state.seen.len() - 1
            };
            let mut request = Vec::new();
            let mut relayed = None;
            if forward {
                request = self.read(&head, Take::Whole, index).await?;
                relayed = self.relay(&request).await.ok();
                self.note(index, |seen| seen.forwarded = relayed.is_some());
            }
            let script = match (fault, &relayed) {
                (None, Some(answer)) => Script::relayed(&answer.bytes),
                (_, None) if forward => Script::bad_gateway(),
                (fault, relayed) => {
                    let body = relayed.as_ref().map_or_else(
                        || success(path).to_string().into_bytes(),
                        |answer| answer.bytes[answer.head_bytes..].to_vec(),
                    );
                    let secrets = self.shared.state().secrets.clone();
                    let base_url = self.shared.base_url();
                    let exchange =
                        Exchange { target: &head.target, body: &body, secrets: &secrets, base_url: &base_url };
                    match (fault, self.shared.listener_after(path)) {
                        (Some(fault), _) => script(fault, &exchange),
                        (None, Some(fault)) => {
                            // The client must find the listener closed when it has its answer.
                            self.shared.close(fault).await?;
                            Script::last(&body)
                        }
                        (None, None) if gives_file(path) => Script::attachment(&body),
                        (None, None) => Script::good(&body),
                    }
                }
            };
            if request.is_empty() {
                self.read(&head, script.take, index).await?;
            }
            for act in script.acts {
                self.act(act).await?;
            }
            match script.end {
                End::Next => {}
                End::Close => return self.stream.shutdown().await,
                End::Reset => return self.stream.set_zero_linger(),
                End::Hold => return drain(&mut self.stream).await,
            }
        }
        Ok(())
    }

    fn note(&self, index: usize, change: impl FnOnce(&mut Seen)) {
        let mut state = self.shared.state();
        // Forgotten in the meantime, perhaps.
        let index = index.checked_sub(state.forgotten);
        if let Some(seen) = index.and_then(|index| state.seen.get_mut(index)) {
            change(seen);
        }
    }

    /// Reads as much of the request as it says.
    async fn read(&mut self, head: &Head, take: Take, index: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; if take == Take::Nothing { 0 } else { head.bytes }];
        self.stream.read_exact(&mut bytes).await?;
        if take != Take::Nothing {
            self.note(index, |seen| seen.arrived = Arrived::Head);
        }
        if take == Take::Whole {
            bytes.resize(head.bytes + head.length, 0);
            self.stream.read_exact(&mut bytes[head.bytes..]).await?;
            self.note(index, |seen| seen.arrived = Arrived::Whole);
        }
        Ok(bytes)
    }

    async fn act(&mut self, act: Act) -> io::Result<()> {
        match act {
            Act::Send(bytes) => self.stream.write_all(&bytes).await,
            Act::Pause(time) => {
                tokio::time::sleep(time).await;
                Ok(())
            }
            Act::Forever(bytes, pause) => loop {
                self.stream.write_all(&bytes).await?;
                tokio::time::sleep(pause).await;
            },
        }
    }

    /// The answer of the server behind this one, on a connection that is kept like that of the client.
    async fn relay(&mut self, request: &[u8]) -> io::Result<Answer> {
        let address = self.shared.upstream.ok_or(io::ErrorKind::NotConnected)?;
        let mut upstream = match self.upstream.take() {
            Some(upstream) => upstream,
            None => TcpStream::connect(address).await?,
        };
        upstream.set_nodelay(true)?;
        upstream.write_all(request).await?;
        let mut bytes = Vec::new();
        let head = loop {
            if let Some(head) = Head::parse(&bytes)? {
                break head;
            }
            if upstream.read_buf(&mut bytes).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        };
        let have = bytes.len();
        bytes.resize((head.bytes + head.length).max(have), 0);
        upstream.read_exact(&mut bytes[have..]).await?;
        self.upstream = Some(upstream);
        Ok(Answer { bytes, head_bytes: head.bytes })
    }
}

/// A whole answer of the server behind this one.
struct Answer {
    bytes: Vec<u8>,
    head_bytes: usize,
}

/// What has to be known of the head of a request or an answer.
struct Head {
    /// The second word of its first line: of a request the path and the query.
    target: String,
    /// How long the head is.
    bytes: usize,
    /// How long the body is.
    length: usize,
}

impl Head {
    /// The head at the beginning, where it is whole.
    fn parse(bytes: &[u8]) -> io::Result<Option<Self>> {
        let bad = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
            return if bytes.len() < MAX_HEAD_BYTES { Ok(None) } else { Err(bad("the head is too long")) };
        };
        let text = std::str::from_utf8(&bytes[..end]).map_err(|_| bad("the head is no text"))?;
        let mut lines = text.split("\r\n");
        let target = lines.next().and_then(|line| line.split(' ').nth(1)).ok_or_else(|| bad("the first line"))?;
        let length = lines.find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        });
        let length = length.unwrap_or(0);
        if length > MAX_BODY_BYTES {
            return Err(bad("the body is too long"));
        }
        Ok(Some(Self { target: target.to_owned(), bytes: end + 4, length }))
    }
}

/// The head of the next request, which stays unread; none where the client has gone.
async fn peek(stream: &TcpStream) -> io::Result<Option<Head>> {
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let have = stream.peek(&mut bytes).await?;
        if have == 0 {
            return Ok(None);
        }
        if let Some(head) = Head::parse(&bytes[..have])? {
            return Ok(Some(head));
        }
        if have == bytes.len() {
            if have >= MAX_HEAD_BYTES {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "the head is too long"));
            }
            bytes.resize(have * 2, 0);
        } else {
            // There is something, so that peeking does not wait.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}
