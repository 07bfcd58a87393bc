use std::time::{Duration, Instant};

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressStyle};

/// How far it is: a bar on a terminal, else a line every few seconds.
pub(super) struct Progress {
    bar: ProgressBar,
    len: u64,
    done: u64,
    started: Instant,
    next_line: Duration,
}

impl Progress {
    const LINE_EVERY: Duration = Duration::from_secs(5);

    pub(super) fn of_messages(len: u64) -> anyhow::Result<Self> {
        let style = ProgressStyle::with_template(
            "{wide_bar} {human_pos} of {human_len} messages, {per_sec}, {eta} left",
        )?;
        Ok(Self {
            bar: ProgressBar::new(len).with_style(style),
            len,
            done: 0,
            started: Instant::now(),
            next_line: Self::LINE_EVERY,
        })
    }

    pub(super) fn advance(&mut self, messages: usize) {
        self.done += messages as u64;
        self.bar.set_position(self.done);
        let elapsed = self.started.elapsed();
        if self.bar.is_hidden() && elapsed >= self.next_line {
            self.next_line = elapsed + Self::LINE_EVERY;
            let rate = self.rate();
            let left = Duration::from_secs((self.len - self.done) / rate);
            println!(
                "{} of {} messages, {}/s, {} left",
                HumanCount(self.done),
                HumanCount(self.len),
                HumanCount(rate),
                HumanDuration(left)
            );
        }
    }

    /// Ends the bar; the line says how long it took.
    pub(super) fn finish(self) -> String {
        self.bar.finish_and_clear();
        let seconds = self.started.elapsed().as_secs_f64();
        format!("{seconds:.1} s, {} messages/s", HumanCount(self.rate()))
    }

    /// Messages a second, 1 at least.
    fn rate(&self) -> u64 {
        let millis = self.started.elapsed().as_millis().max(1);
        let rate = u128::from(self.done) * 1_000 / millis;
        u64::try_from(rate).unwrap_or(u64::MAX).max(1)
    }
}
