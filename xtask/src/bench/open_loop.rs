use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{self, UnboundedReceiver};

/// Moments at an even pace, each told when it has come, whatever became of those before.
///
/// So that a slow server gets no rest, and what waits for it counts: latency is measured from
/// these moments. They are kept by a thread, since the runtime's own timer is a millisecond off.
pub(super) fn pace(per_second: u32, how_many: u32) -> UnboundedReceiver<Instant> {
    let (tell, told) = mpsc::unbounded_channel();
    thread::spawn(move || {
        let first = Instant::now();
        for number in 0..how_many {
            let due = first + moment(number, per_second);
            thread::sleep(due.saturating_duration_since(Instant::now()));
            if tell.send(due).is_err() {
                // Nobody wants to know any more.
                return;
            }
        }
    });
    told
}

/// When number `number` is due, from the first on.
fn moment(number: u32, per_second: u32) -> Duration {
    Duration::from_secs(u64::from(number)) / per_second
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_do_not_drift() {
        assert_eq!(moment(0, 200), Duration::ZERO);
        assert_eq!(moment(1, 200), Duration::from_millis(5));
        assert_eq!(moment(3_000, 300), Duration::from_secs(10));
    }

    #[tokio::test]
    async fn each_is_told_when_it_has_come_and_not_before() {
        let mut told = pace(500, 10);
        let mut all = Vec::new();
        while let Some(due) = told.recv().await {
            assert!(Instant::now() >= due);
            all.push(due);
        }
        assert_eq!(all.len(), 10);
        assert!(
            all.windows(2)
                .all(|two| two[1] - two[0] == Duration::from_millis(2))
        );
    }
}
