use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::history::{Entry, History, Message};
use super::writing::{read, seq_of, stored_after};
use crate::support::{Event, TestClient, eventually, within};

/// How long a stream may be silent: more than half a minute is too long, says docs/api.md.
const SILENCE: Duration = Duration::from_secs(31);
/// How long a stream may take to begin.
const PATIENCE: Duration = Duration::from_secs(5);

/// A program that follows `/api/v1/events` as docs/api.md tells it to, for as long as it lives. When
/// its stream breaks off, it comes back, by the next door if there are several.
pub(crate) struct Reader {
    heard: Arc<Mutex<Heard>>,
    _following: JoinSet<()>,
}

/// What it knows.
struct Heard {
    /// Who they are.
    viewer: String,
    /// Where each message is written down that it is told.
    history: History,
    /// The last event's id.
    cursor: Option<String>,
    /// The number of each message by its id, for each conversation by the other one's name.
    messages: BTreeMap<String, BTreeMap<String, u64>>,
    reloads: usize,
}

impl Reader {
    /// A new one of this person, once its stream is open.
    pub(crate) async fn start(client: TestClient) -> Self {
        Self::recording(vec![client], "anybody", History::default()).await
    }

    /// The same, who has heard the event with this id last.
    pub(crate) async fn after(client: TestClient, heard: String) -> Self {
        Self::begin(vec![client], "anybody", History::default(), Some(heard)).await
    }

    /// The same, who writes down what they are told. They come to the first of these clients of one
    /// session first.
    pub(crate) async fn recording(doors: Vec<TestClient>, viewer: &str, history: History) -> Self {
        Self::begin(doors, viewer, history, None).await
    }

    async fn begin(
        doors: Vec<TestClient>,
        viewer: &str,
        history: History,
        cursor: Option<String>,
    ) -> Self {
        let heard = Arc::new(Mutex::new(Heard {
            viewer: viewer.to_owned(),
            history,
            cursor,
            messages: BTreeMap::new(),
            reloads: 0,
        }));
        let mut following = JoinSet::new();
        following.spawn(follow(doors, Arc::clone(&heard)));
        let reader = Self {
            heard,
            _following: following,
        };
        eventually("the stream is open", || async {
            reader.lock().cursor.is_some().then_some(())
        })
        .await;
        reader
    }

    /// How many messages with this one it knows.
    pub(crate) fn knows(&self, with: &str) -> usize {
        self.lock().messages.get(with).map_or(0, BTreeMap::len)
    }

    /// How many messages it knows.
    pub(crate) fn knows_in_all(&self) -> usize {
        self.lock().messages.values().map(BTreeMap::len).sum()
    }

    /// The messages with this one that it knows.
    pub(crate) fn ids(&self, with: &str) -> Vec<Uuid> {
        let heard = self.lock();
        let ids = heard
            .messages
            .get(with)
            .into_iter()
            .flat_map(BTreeMap::keys);
        ids.map(|id| id.parse().unwrap()).collect()
    }

    /// How often it was told to load anew.
    pub(crate) fn reloads(&self) -> usize {
        self.lock().reloads
    }

    /// Waits until it has `count` messages with this one, and sees that they are those that are
    /// stored, numbered without a gap.
    pub(crate) async fn has_all(
        &self,
        count: usize,
        with: &str,
        patience: Duration,
        truth: &TestClient,
    ) {
        within(patience, &format!("{count} are known"), || async {
            (self.knows(with) >= count).then_some(())
        })
        .await;
        let stored = stored_after(truth, with, 0).await.unwrap();
        let numbers: Vec<u64> = stored.iter().map(seq_of).collect();
        assert_eq!(numbers, (1..=count as u64).collect::<Vec<_>>());
        assert_eq!(
            self.lock().messages[with],
            stored.iter().map(id_and_seq).collect()
        );
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap()
    }
}

async fn follow(doors: Vec<TestClient>, heard: Arc<Mutex<Heard>>) {
    // However a stream breaks off, the next one begins after the last event that was heard.
    for client in doors.iter().cycle() {
        if matches!(follow_once(client, &heard).await, Ok(Over::Session)) {
            return;
        }
        sleep(Duration::from_millis(250)).await;
    }
}

/// Why a stream ended.
enum Over {
    /// The session has.
    Session,
    /// Anything else, or it fell silent.
    Stream,
}

async fn follow_once(client: &TestClient, heard: &Mutex<Heard>) -> reqwest::Result<Over> {
    let cursor = heard.lock().unwrap().cursor.clone();
    let request = client.request(Method::GET, "/api/v1/events");
    let request = request.header("last-event-id", cursor.unwrap_or_default());
    let Ok(response) = timeout(PATIENCE, request.send()).await else {
        return Ok(Over::Stream);
    };
    let mut response = response?.error_for_status()?;
    let mut text = String::new();
    // The first sign of life comes at once.
    let mut patience = PATIENCE;
    while let Ok(chunk) = timeout(patience, response.chunk()).await {
        let Some(chunk) = chunk? else { break };
        patience = SILENCE;
        text.push_str(std::str::from_utf8(&chunk).unwrap());
        while let Some(event) = Event::take_from(&mut text) {
            match event.name.as_str() {
                "message" => heard.lock().unwrap().take(&event.json()),
                "reload" => load_anew(client, heard).await?,
                "session-ended" => return Ok(Over::Session),
                _ => {}
            }
            heard.lock().unwrap().cursor = Some(event.id);
        }
    }
    Ok(Over::Stream)
}

/// Reads every conversation from where it is known to the end.
async fn load_anew(client: &TestClient, heard: &Mutex<Heard>) -> reqwest::Result<()> {
    let inbox = read(client, "/api/v1/conversations?limit=100").await?;
    for conversation in inbox["items"].as_array().unwrap() {
        let with = conversation["with"]["username"].as_str().unwrap();
        let known = heard.lock().unwrap().whole_up_to(with);
        for message in stored_after(client, with, known).await? {
            heard.lock().unwrap().keep(with, &message);
        }
    }
    heard.lock().unwrap().reloads += 1;
    Ok(())
}

impl Heard {
    fn take(&mut self, told: &Value) {
        self.keep(told["with"].as_str().unwrap(), &told["message"]);
    }

    fn keep(&mut self, with: &str, message: &Value) {
        let conversation = self.messages.entry(with.to_owned()).or_default();
        let (id, seq) = id_and_seq(message);
        let before = conversation.insert(id, seq);
        assert!(before.is_none_or(|before| before == seq), "{message}");
        self.history.add(Entry::Told {
            viewer: self.viewer.clone(),
            with: with.to_owned(),
            message: Message::from_json(message),
        });
    }

    /// The number up to which no message is missing.
    fn whole_up_to(&self, with: &str) -> u64 {
        let numbers = self
            .messages
            .get(with)
            .into_iter()
            .flat_map(BTreeMap::values);
        let mut numbers: Vec<u64> = numbers.copied().collect();
        numbers.sort_unstable();
        let whole = numbers.iter().zip(1..).take_while(|(seq, n)| *seq == n);
        whole.count() as u64
    }
}

fn id_and_seq(message: &Value) -> (String, u64) {
    (message["id"].as_str().unwrap().to_owned(), seq_of(message))
}
