//! R2: the database goes away, in each of the ways a database does.

use std::time::Duration;

use migrations::sea_orm_migration::sea_orm::ConnectionTrait as _;
use reqwest::Method;
use serde_json::json;
use tokio::time::{sleep, timeout};

use super::crowd::Crowd;
use super::stage::{Stage, all_are_ready};
use crate::support::{Database, TestClient, answer, eventually};

const SENDERS: usize = 12;
/// How long it is away.
const OUTAGE: Duration = Duration::from_secs(10);
/// How often its connections die silently, and for how long no new one comes about.
const HOLES: usize = 3;
const HOLE: Duration = Duration::from_secs(6);
/// No answer takes longer, however the database is away.
const ANSWERED_WITHIN: Duration = Duration::from_secs(21);

/// People who write to each other, and David, who asks for things meanwhile.
struct Scene {
    stage: Stage<1>,
    crowd: Crowd,
    david: TestClient,
}

impl Scene {
    async fn on(stage: Stage<1>) -> Self {
        let (database, doors) = (stage.database.url(), stage.doors());
        let crowd = Crowd::gather("crowd", &database, &doors, SENDERS, 21).await;
        crowd.goes_on_for(SENDERS).await;
        let david = stage.beside(0, "davidjones").await;
        Self {
            stage,
            crowd,
            david,
        }
    }

    /// Whoever writes is told to come back, in time; the program lives.
    async fn writing_must_wait(&self) {
        let body = json!({ "body": "not now" });
        let path = "/api/v1/conversations/jamessmith/messages";
        must_wait(self.david.request(Method::POST, path).json(&body)).await;
        self.david.get("/healthz").await.expect(200);
    }

    /// The same for whoever reads, and the program says what it lacks.
    async fn reading_must_wait(&self) {
        must_wait(self.david.request(Method::GET, "/api/v1/conversations")).await;
        self.david.get("/readyz").await.expect(503);
    }

    async fn all_must_wait(&self) {
        tokio::join!(
            self.writing_must_wait(),
            self.reading_must_wait(),
            sleep(OUTAGE),
        );
    }

    /// The same process goes on, and nothing was lost or done by half.
    async fn goes_on(mut self) {
        all_are_ready(&self.stage.nodes, true).await;
        assert!(self.stage.nodes[0].is_running());
        self.crowd.goes_on_for(2 * SENDERS).await;
        let verdict = self.crowd.verdict(&self.stage.database.url()).await;
        verdict.holds();
        assert!(verdict.sent_again > 0, "no send was disturbed");
        self.stage.remove().await;
    }
}

async fn must_wait(request: reqwest::RequestBuilder) {
    let answered = timeout(ANSWERED_WITHIN, answer(request)).await;
    let answer = answered.expect("an answer").expect(503);
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
}

mod postgres {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_database_that_crashed_is_gone_back_to() {
        let mut scene = Scene::on(Stage::on_own_postgres().await).await;
        scene.stage.postgres.as_mut().unwrap().stop();
        scene.all_must_wait().await;
        scene.stage.postgres.as_mut().unwrap().start_again().await;
        scene.goes_on().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_database_that_stands_still_holds_nobody_up() {
        let scene = Scene::on(Stage::on_own_postgres().await).await;
        scene.stage.postgres.as_ref().unwrap().pause();
        scene.all_must_wait().await;
        scene.stage.postgres.as_ref().unwrap().go_on();
        scene.goes_on().await;
    }

    /// As when the machine of the database loses its power: nobody says that the connections are
    /// dead, and they never come to life again.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn connections_that_died_silently_are_given_up() {
        let scene = Scene::on(Stage::on_own_postgres().await).await;
        let server = scene.stage.postgres.as_ref().unwrap().address;
        let way = &scene.stage.to_postgres[0];
        // Again and again: what is lost each time must be had anew.
        for _ in 0..HOLES {
            way.swallow();
            sleep(HOLE).await;
            way.lead_to(server);
            all_are_ready(&scene.stage.nodes, true).await;
            scene.crowd.goes_on_for(SENDERS).await;
        }
        scene.goes_on().await;
    }
}

mod sqlite {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_file_that_another_program_writes_to_is_waited_for() {
        let scene = Scene::on(Stage::single().await).await;
        let other = migrations::connect(&scene.stage.database.url())
            .await
            .unwrap();
        // The server may be at a commit.
        eventually("the file is locked", || async {
            other.execute_unprepared("BEGIN IMMEDIATE").await.ok()
        })
        .await;
        tokio::join!(scene.writing_must_wait(), sleep(OUTAGE));
        scene.david.get("/api/v1/conversations").await.expect(200);
        other.execute_unprepared("ROLLBACK").await.unwrap();
        other.close().await.unwrap();
        scene.goes_on().await;
    }
}

mod small_disk {
    use std::fs;

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_disk_that_is_full_takes_nothing_by_half() {
        let disk = std::env::var("TEST_SMALL_DISK")
            .expect("TEST_SMALL_DISK is not set: run the tests with `cargo xtask test`");
        let folder = tempfile::tempdir_in(disk).unwrap();
        let filler = folder.path().join("filler");
        let scene = Scene::on(Stage::on(Database::Sqlite(folder)).await).await;
        fill(&filler);
        // What was free inside of the file is used up first.
        eventually("the disk is full", || async {
            let body = json!({ "body": "x".repeat(8_000) });
            let path = "/api/v1/conversations/jamessmith/messages";
            let sent = scene.david.post_json(path, &body).await;
            (sent.status == 503).then_some(())
        })
        .await;
        scene.writing_must_wait().await;
        scene.david.get("/api/v1/conversations").await.expect(200);
        fs::remove_file(filler).unwrap();
        scene.goes_on().await;
    }

    /// Takes all that is left.
    fn fill(file: &std::path::Path) {
        use std::io::Write as _;
        let mut file = fs::File::create(file).unwrap();
        let full = loop {
            if let Err(full) = file.write_all(&[0; 4_096]) {
                break full;
            }
        };
        assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
    }
}
