//! A NATS server that is away for a while.

mod nats {
    use std::time::{Duration, Instant};

    use broker::Nats;
    use domain::live::{Broker, Lagged};
    use futures_util::StreamExt;
    use tokio::time::{sleep, timeout};

    use crate::nats_server::Server;
    use crate::{next, next_event, read, user};

    async fn until(node: &Nats, is_connected: bool) {
        let turned = async {
            while node.is_connected() != is_connected {
                sleep(Duration::from_millis(5)).await;
            }
        };
        let turned = timeout(Duration::from_secs(20), turned).await;
        turned.expect("the connection is noticed within twenty seconds");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn after_an_outage_everybody_is_cut_off_once_and_told_again() {
        let mut server = Server::start().await;
        let here = Nats::connect(&server.url()).await.unwrap();
        let there = Nats::connect(&server.url()).await.unwrap();
        let (mary, david) = (user("mary"), user("david"));
        let mut of_david = there.subscribe(david.id).await;
        let mut of_mary = here.subscribe(mary.id).await;
        here.publish(read(&mary, &david, 1)).await;
        assert_eq!(next_event(&mut of_david).await, read(&mary, &david, 1));

        server.stop();
        until(&here, false).await;
        until(&there, false).await;
        // The own subscribers are told all the same, and a new one does not wait for the server.
        let begun = Instant::now();
        let mut late = there.subscribe(david.id).await;
        assert!(begun.elapsed() < Duration::from_millis(500));
        here.publish(read(&mary, &david, 2)).await;
        for seq in [1, 2] {
            assert_eq!(next_event(&mut of_mary).await, read(&mary, &david, seq));
        }

        server.start_again().await;
        until(&here, true).await;
        until(&there, true).await;
        for events in [&mut of_mary, &mut of_david, &mut late] {
            assert_eq!(next(events).await, Some(Err(Lagged)));
            assert_eq!(next(events).await, None);
        }
        // Until both have told the other of their gap, who subscribes again may be cut off again.
        let mut seq = 3;
        loop {
            let mut again = there.subscribe(david.id).await;
            here.publish(read(&mary, &david, seq)).await;
            if let Some(Ok(told)) = next(&mut again).await {
                assert_eq!(*told, read(&mary, &david, seq));
                break;
            }
            seq += 1;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn publishing_does_not_wait_for_a_server_that_is_away() {
        let mut server = Server::start().await;
        let node = Nats::connect(&server.url()).await.unwrap();
        server.stop();
        let (mary, david) = (user("mary"), user("david"));
        let begun = Instant::now();
        for seq in 0..20_000 {
            node.publish(read(&mary, &david, seq)).await;
        }
        assert!(begun.elapsed() < Duration::from_secs(8));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_server_that_hangs_delays_nobody_and_what_it_lost_is_noticed() {
        let server = Server::start().await;
        let here = Nats::connect(&server.url()).await.unwrap();
        let there = Nats::connect(&server.url()).await.unwrap();
        let (mary, david) = (user("mary"), user("david"));
        let mut of_david = there.subscribe(david.id).await;
        server.hang();
        let begun = Instant::now();
        let _late = there.subscribe(mary.id).await;
        for seq in 0..40_000 {
            here.publish(read(&mary, &david, seq)).await;
        }
        assert!(begun.elapsed() < Duration::from_secs(10));
        server.go_on();
        let mut given = 0_u32;
        while let Some(Ok(_)) = next(&mut of_david).await {
            given += 1;
        }
        assert!(given < 40_000);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_node_that_was_away_alone_cuts_off_those_whom_it_could_not_tell() {
        let mut server = Server::start().await;
        let there = Nats::connect(&server.url()).await.unwrap();
        let david = user("david");
        let mut of_david = there.subscribe(david.id).await;
        assert!(timeout(Duration::ZERO, of_david.next()).await.is_err());
        // Another node says that it was away.
        let gap = async_nats::connect(server.url()).await.unwrap();
        gap.publish("jbl.gaps", "".into()).await.unwrap();
        gap.flush().await.unwrap();
        assert_eq!(next(&mut of_david).await, Some(Err(Lagged)));
        server.stop();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_should_have_been_told_what_cannot_be_read_is_cut_off() {
        let server = Server::start().await;
        let there = Nats::connect(&server.url()).await.unwrap();
        let here = Nats::connect(&server.url()).await.unwrap();
        let (mary, david) = (user("mary"), user("david"));
        let mut of_david = there.subscribe(david.id).await;
        let stranger = async_nats::connect(server.url()).await.unwrap();
        let subject = format!("jbl.user.{}", david.id.0.simple());
        stranger.publish(subject, "nonsense".into()).await.unwrap();
        stranger.flush().await.unwrap();
        assert_eq!(next(&mut of_david).await, Some(Err(Lagged)));
        let mut of_david = there.subscribe(david.id).await;
        here.publish(read(&mary, &david, 1)).await;
        assert_eq!(next_event(&mut of_david).await, read(&mary, &david, 1));
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_reported() {
        let mut server = Server::start().await;
        server.stop();
        let begun = Instant::now();
        let refused = Nats::connect(&server.url()).await;
        assert!(refused.is_err());
        assert!(begun.elapsed() < Duration::from_secs(6));
    }
}
