//! Programs that follow `/api/v1/events` have in the end what is stored.

use std::time::Duration;

use super::reader::Reader;
use super::stage::Stage;
use super::writing::{write, write_many};

/// How long a reader may take that has been hung up on.
const SOON: Duration = Duration::from_secs(10);

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
