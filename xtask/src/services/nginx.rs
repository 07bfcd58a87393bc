use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

/// How long a start may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// An nginx in front of several nodes, for as long as this value lives, configured as
/// `docs/operating.md` says but for TLS.
pub(crate) struct Nginx {
    /// It is killed when dropped: there is nothing it could lose.
    _server: Child,
}

impl Nginx {
    /// Starts one at `address`, with all its files in `folder`, which must not exist yet, and waits
    /// until it listens.
    pub(crate) async fn start(
        program: &Path,
        folder: &Path,
        address: &str,
        nodes: &[String],
    ) -> anyhow::Result<Self> {
        let documented = documented(&fs::read_to_string("docs/operating.md")?)?;
        fs::create_dir(folder)?;
        let configuration = folder.join("nginx.conf");
        fs::write(
            &configuration,
            whole(&at(&documented, address, nodes), folder),
        )?;
        let log = File::create(folder.join("log"))?;
        let mut server = Command::new(program)
            .arg("-p")
            .arg(folder)
            .arg("-c")
            .arg(&configuration)
            .args(["-e", "stderr"])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .context("cannot start nginx")?;
        let listens = async {
            while TcpStream::connect(address).await.is_err() {
                if server.try_wait()?.is_some() {
                    let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
                    bail!("nginx ended at once:\n{log}");
                }
                sleep(Duration::from_millis(20)).await;
            }
            Ok(())
        };
        timeout(PATIENCE, listens)
            .await
            .context("nginx did not answer in time")??;
        Ok(Self { _server: server })
    }
}

/// The configuration for several nodes that stands in the documentation.
fn documented(text: &str) -> anyhow::Result<String> {
    let blocks = text.split("```nginx\n").skip(1);
    let mut blocks = blocks.filter_map(|rest| rest.split("```").next());
    let found = blocks.find(|block| block.starts_with("upstream"));
    Ok(found
        .context("docs/operating.md shows no upstream for nginx")?
        .to_owned())
}

/// The same on this machine: with these nodes, at this address, and without TLS.
fn at(documented: &str, address: &str, nodes: &[String]) -> String {
    let mut nodes = nodes.iter();
    let lines = documented.lines().filter_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.first().copied() {
            Some("listen") => Some(format!("    listen {address};")),
            Some("ssl_certificate" | "ssl_certificate_key") => None,
            Some("server") if words.len() == 2 && words[1] != "{" => {
                nodes.next().map(|node| format!("    server {node};"))
            }
            Some(_) | None => Some(line.to_owned()),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What nginx needs around it to run as one process that keeps to its folder.
fn whole(inner: &str, folder: &Path) -> String {
    let folder = folder.display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {folder}/{name};\n"))
        .concat();
    format!(
        "daemon off;\nmaster_process off;\npid {folder}/pid;\nevents {{}}\n\
         http {{\naccess_log off;\n{temporary}{inner}\n}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_configuration_is_used_with_other_addresses_and_without_tls() {
        let documented = documented(include_str!("../../../docs/operating.md")).unwrap();
        let nodes = ["127.0.0.1:1", "127.0.0.1:2"].map(str::to_owned);
        let used = at(&documented, "127.0.0.1:3", &nodes);
        for line in [
            "    server 127.0.0.1:1;",
            "    server 127.0.0.1:2;",
            "    listen 127.0.0.1:3;",
            "        proxy_buffering off;",
        ] {
            assert_eq!(
                used.lines().filter(|used| *used == line).count(),
                1,
                "{used}"
            );
        }
        assert!(!used.contains("ssl") && !used.contains("10.0.0."), "{used}");
    }
}
