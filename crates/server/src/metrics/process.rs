use std::fs;

/// What the system says of this process.
pub(super) struct Process {
    pub(super) resident_bytes: u64,
    pub(super) open_files: usize,
    pub(super) most_files: u64,
}

impl Process {
    /// `None` where there is no `/proc` that says so, outside Linux.
    pub(super) fn read() -> Option<Self> {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let limits = fs::read_to_string("/proc/self/limits").ok()?;
        Some(Self {
            resident_bytes: number_after(&status, "VmRSS:")? * 1024,
            // The folder that is read is open too.
            open_files: fs::read_dir("/proc/self/fd").ok()?.count() - 1,
            most_files: number_after(&limits, "Max open files")?,
        })
    }
}

fn number_after(text: &str, name: &str) -> Option<u64> {
    let mut lines = text.lines();
    let rest = lines.find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn memory_and_files_are_those_of_this_process() {
        let before = Process::read().unwrap();
        assert!(before.resident_bytes > 1024 * 1024);
        assert!(before.most_files >= before.open_files as u64);
        let files: Vec<_> = (0..20)
            .map(|_| fs::File::open("/proc/self/stat").unwrap())
            .collect();
        let after = Process::read().unwrap();
        // Other tests open and close files at the same time.
        assert!(after.open_files + 10 > before.open_files + files.len());
    }
}
