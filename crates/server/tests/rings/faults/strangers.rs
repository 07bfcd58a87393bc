//! Nobody is told anything of somebody they have no conversation with.

use reqwest::Method;
use serde_json::json;

use super::stage::Stage;
use super::writing::write;
use crate::support::{TestClient, TestStream};

#[tokio::test]
async fn a_stranger_hears_nothing_while_others_write_read_and_type() {
    let stage = Stage::single().await;
    let strangers = [stage.beside(0, "marybrown").await];
    hear_nothing(&stage, &strangers).await;
    stage.remove().await;
}

mod postgres {
    mod nats {
        use super::super::*;

        #[tokio::test]
        async fn a_stranger_on_another_node_hears_nothing_either() {
            let stage = Stage::cluster().await;
            let strangers = [
                stage.beside(0, "marybrown").await,
                stage.beside(1, "marybrown").await,
            ];
            hear_nothing(&stage, &strangers).await;
            stage.remove().await;
        }
    }
}

/// David and James do all they can on the first node; Mary knows James only.
async fn hear_nothing<const NODES: usize>(stage: &Stage<NODES>, strangers: &[TestClient]) {
    let (david, james) = (
        stage.beside(0, "davidjones").await,
        stage.beside(0, "jamessmith").await,
    );
    write(&james, "marybrown", "before").await;
    let mut streams = Vec::new();
    for mary in strangers {
        for path in ["/events", "/api/v1/events"] {
            streams.push(TestStream::open(mary, path, "").await);
        }
    }

    // David comes, which those are told who know him.
    let david_is_here = TestStream::open(&david, "/events", "").await;
    for (from, to) in [(&david, "jamessmith"), (&james, "davidjones")] {
        let page = format!("/conversations/{to}");
        from.post_htmx(&format!("{page}/typing"), &[])
            .await
            .expect(204);
        write(from, to, "between the two of us").await;
        from.post_htmx(&format!("{page}/messages"), &[("body", "and on a page")])
            .await
            .expect(200);
    }
    for (reader, with) in [(&david, "jamessmith"), (&james, "davidjones")] {
        let path = format!("/api/v1/conversations/{with}/read");
        let read = json!({ "seq": 4 });
        reader.json(Method::PUT, &path, &read).await.expect(204);
    }
    drop(david_is_here);
    // Told after all of that, by the same node.
    write(&james, "marybrown", "the end").await;

    for mut stream in streams {
        let mut heard = String::new();
        while !heard.contains("the end") {
            heard.push_str(&stream.news().await.data);
        }
        assert!(heard.contains("before"), "{heard}");
        for trace in [
            "davidjones",
            "David Jones",
            "the two of us",
            "and on a page",
        ] {
            assert!(!heard.contains(trace), "{trace} in {heard}");
        }
    }
}
