//! R6: the server is asked to end while many send.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::crowd::Crowd;
use super::stage::Stage;
use crate::support::Database;

const SENDERS: usize = 16;
/// How long it may take to end.
const ENDED_WITHIN: Duration = Duration::from_secs(10);

mod a_server_that_is_asked_to_end_does_so_in_time_and_loses_nothing {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        rule(Stage::single().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        rule(Stage::on(Database::postgres().await).await).await;
    }

    async fn rule(mut stage: Stage<1>) {
        let (database, doors) = (stage.database.url(), stage.doors());
        let crowd = Crowd::gather("crowd", &database, &doors, SENDERS, 61).await;
        for _ in 0..3 {
            crowd.goes_on_for(SENDERS).await;
            let (status, took) = stage.nodes[0].terminate().await;
            assert_eq!(status.code(), Some(0));
            assert!(took <= ENDED_WITHIN, "it took {took:?}");
            stage.nodes[0].start_again().await;
        }
        crowd.goes_on_for(SENDERS).await;
        crowd.verdict(&database).await.holds();
        stage.remove().await;
    }
}

#[tokio::test]
async fn a_request_that_never_ends_holds_up_the_end_no_longer_than_it_may() {
    let mut stage = Stage::single().await;
    let mut client = TcpStream::connect(stage.nodes[0].address).await.unwrap();
    let head = "POST /login HTTP/1.1\r\nhost: a\r\ncontent-length: 31\r\n\
        content-type: application/x-www-form-urlencoded\r\n\r\nusername=";
    client.write_all(head.as_bytes()).await.unwrap();
    // Answered after what came before it, so the head has been read.
    assert!(stage.nodes[0].is_ready().await);
    let (status, took) = stage.nodes[0].terminate().await;
    assert_eq!(status.code(), Some(0));
    assert!(took <= ENDED_WITHIN, "it took {took:?}");
    stage.remove().await;
}
