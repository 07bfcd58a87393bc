//! Programs that follow `/api/v1/events` have in the end what is stored.

use std::time::Duration;

use super::reader::Reader;
use super::stage::Stage;
use super::writing::{write, write_many, write_to_each_other};
use crate::support::eventually;

/// How long a reader may take that has been hung up on.
const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_reader_has_all_that_was_sent_while_its_server_was_killed_and_started_again() {
    let mut stage = Stage::single().await;
    let (david, james) = (
        stage.beside(0, "davidjones").await,
        stage.beside(0, "jamessmith").await,
    );
    let readers = [
        Reader::start(david.clone()).await,
        Reader::start(james.clone()).await,
    ];
    let writing = write_to_each_other(&david, &james, 50);
    for known in [10, 40, 70] {
        eventually("some have come", || async {
            (readers[0].knows("jamessmith") > known).then_some(())
        })
        .await;
        stage.nodes[0].kill();
        stage.nodes[0].start_again().await;
    }
    writing.await.unwrap();
    readers[0].has_all(100, "jamessmith", SOON, &david).await;
    readers[1].has_all(100, "davidjones", SOON, &james).await;
    drop(readers);
    stage.remove().await;
}

#[tokio::test]
async fn a_reader_that_missed_too_much_is_told_so_and_has_it_all_in_the_end() {
    let stage = Stage::single().await;
    let (david, james) = (
        stage.behind(0, "davidjones").await,
        stage.beside(0, "jamessmith").await,
    );
    let reader = Reader::start(david).await;
    write_many(&james, "davidjones", "heard", 10).await;
    stage.proxies[0].refuse();
    stage.proxies[0].cut();
    write_many(&james, "davidjones", "missed", 510).await;
    assert_eq!(reader.reloads(), 0);
    stage.proxies[0].lead_to(stage.nodes[0].address);
    let truth = stage.beside(0, "davidjones").await;
    reader.has_all(520, "jamessmith", SOON, &truth).await;
    assert!(reader.reloads() > 0);
    drop(reader);
    stage.remove().await;
}

#[tokio::test]
async fn a_reader_whose_connection_died_silently_comes_back_by_itself() {
    let stage = Stage::single().await;
    let (david, james) = (
        stage.behind(0, "davidjones").await,
        stage.beside(0, "jamessmith").await,
    );
    let reader = Reader::start(david).await;
    write_many(&james, "davidjones", "heard", 5).await;
    stage.proxies[0].swallow();
    write_many(&james, "davidjones", "missed", 45).await;
    stage.proxies[0].lead_to(stage.nodes[0].address);
    write(&james, "davidjones", "told to nobody").await;
    let truth = stage.beside(0, "davidjones").await;
    reader
        .has_all(51, "jamessmith", Duration::from_secs(50), &truth)
        .await;
    drop(reader);
    stage.remove().await;
}

mod postgres {
    mod nats {
        use super::super::*;

        #[tokio::test]
        async fn readers_move_to_the_other_node_when_theirs_is_killed_and_have_all() {
            let mut stage = Stage::cluster().await;
            let (david, james) = (
                stage.behind(0, "davidjones").await,
                stage.behind(1, "jamessmith").await,
            );
            let readers = [
                Reader::start(david.clone()).await,
                Reader::start(james.clone()).await,
            ];
            let writing = write_to_each_other(&david, &james, 50);
            eventually("some have come", || async {
                (readers[0].knows("jamessmith") > 20).then_some(())
            })
            .await;
            stage.nodes[0].kill();
            stage.proxies[0].lead_to(stage.nodes[1].address);
            writing.await.unwrap();
            // What the node has acknowledged and died before telling is found by a look.
            let look = Duration::from_secs(35);
            readers[0].has_all(100, "jamessmith", look, &david).await;
            readers[1].has_all(100, "davidjones", look, &james).await;
            drop(readers);
            stage.remove().await;
        }

        #[tokio::test]
        async fn readers_have_all_that_was_sent_while_nats_was_away() {
            let mut stage = Stage::cluster().await;
            let (david, james) = (
                stage.beside(0, "davidjones").await,
                stage.beside(1, "jamessmith").await,
            );
            let readers = [
                Reader::start(david.clone()).await,
                Reader::start(james.clone()).await,
            ];
            let work = async {
                let sent_again = tokio::join!(
                    write_many(&david, "jamessmith", "to James", 25),
                    write_many(&james, "davidjones", "to David", 25),
                );
                assert_eq!(sent_again, (0, 0));
                // Each is told what was sent through their own node.
                for (reader, with) in readers.iter().zip(["jamessmith", "davidjones"]) {
                    eventually("one's own are known", || async {
                        (reader.knows(with) >= 25).then_some(())
                    })
                    .await;
                }
            };
            stage.without_nats(work).await;
            readers[0].has_all(50, "jamessmith", SOON, &david).await;
            readers[1].has_all(50, "davidjones", SOON, &james).await;
            drop(readers);
            stage.remove().await;
        }
    }
}
