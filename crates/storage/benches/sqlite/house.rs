use domain::conversations::ConversationId;
use domain::messages::{Appended, ClientId, MessageBody, MessageId, NewMessage, Recipient};
use domain::sessions::{Begun, NewSession, PasswordHash, SessionId, SessionToken};
use domain::users::{Added, DisplayName, NewUser, UserId, Username};
use domain::{Clock, Ids, RandomIds, SystemClock};
use migrations::Migrator;
use migrations::sea_orm_migration::MigratorTrait;
use storage::Store;
use tokio::task::JoinSet;
use uuid::Uuid;

/// So many write to the reader.
const PEERS: usize = 60;
/// In each conversation at first.
const MESSAGES: usize = 60;

/// A new `SQLite` file with a reader who has sixty conversations of sixty messages each.
pub(crate) struct House {
    pub(crate) store: Store,
    pub(crate) reader: NewUser,
    /// The reader's session.
    pub(crate) token: SessionToken,
    pub(crate) peers: Vec<NewUser>,
}

impl House {
    pub(crate) async fn build(url: &str) -> Self {
        let schema = migrations::connect(url).await.expect("a file");
        Migrator::up(&schema, None).await.expect("a schema");
        schema.close().await.expect("an end");
        let store = Store::open(url).await.expect("a store");

        let reader = add(&store, "reader").await;
        let mut peers = Vec::with_capacity(PEERS);
        for number in 0..PEERS {
            peers.push(add(&store, &format!("peer{number}")).await);
        }
        let token = SessionToken::from_bytes([7; 32]);
        let session = NewSession {
            id: SessionId(new_id()),
            token: SessionToken::from_bytes([7; 32]),
            user: reader.id,
            proved_by: reader.password_hash.clone(),
            created_at: SystemClock.now(),
        };
        let begun = store.sessions().begin(&session, None).await;
        assert_eq!(begun.expect("an answer"), Begun::New(None));

        let house = Self {
            store,
            reader,
            token,
            peers,
        };
        for _ in 0..MESSAGES {
            let sends: JoinSet<()> = house.peers.iter().map(|peer| house.send(peer)).collect();
            sends.join_all().await;
        }
        house
    }

    /// Sends the reader a message of this peer.
    pub(crate) fn send(&self, peer: &NewUser) -> impl Future<Output = ()> + Send + 'static {
        let messages = self.store.messages();
        let message = NewMessage {
            id: MessageId(new_id()),
            client_id: ClientId(new_id()),
            conversation: ConversationId(new_id()),
            sender: peer.id,
            to: Recipient::Named(self.reader.username.clone()),
            body: MessageBody::parse("Shall we meet for lunch at noon?").expect("a text"),
            sent_at: SystemClock.now(),
        };
        async move {
            let appended = messages.append(&message).await;
            assert!(matches!(appended, Ok(Appended::New(_, _))));
        }
    }
}

async fn add(store: &Store, name: &str) -> NewUser {
    let username = Username::parse(name).expect("a name");
    let user = NewUser {
        id: UserId(new_id()),
        display_name: DisplayName::of_username(&username),
        username,
        password_hash: PasswordHash::from_stored("$none"),
        created_at: SystemClock.now(),
        enabled: true,
    };
    let added = store.users().add(&user).await;
    assert_eq!(added.expect("an answer"), Added::New);
    user
}

fn new_id() -> Uuid {
    RandomIds.uuid(SystemClock.now())
}
