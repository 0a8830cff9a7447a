//! The real server: the built binary in a process of its own, over a new store.

use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::post::Post;

#[derive(Debug)]
pub struct House {
    pub address: SocketAddr,
    child: Child,
    _folder: TempDir,
}

impl House {
    pub async fn open() -> Self {
        let folder = tempfile::tempdir_in("target").unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let store = format!("sqlite:{}", folder.path().join("pilin.db").display());
        let child = Command::new(env!("CARGO_BIN_EXE_pilin"))
            .args(["serve", "--listen", &address.to_string(), "--region", "data"])
            .args(["--store", &store, "--log", "warn", "--items-per-second", "100000000"])
            .spawn()
            .unwrap();
        let house = Self { address, child, _folder: folder };
        let patience = Instant::now();
        loop {
            assert!(patience.elapsed() < Duration::from_secs(30), "the server does not start");
            if let Ok(mut door) = Post::connect(address).await
                && door.get("/readyz").await.0 == 200
            {
                return house;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Processor seconds it has used.
    pub fn cpu_s(&self) -> f64 {
        cpu_s(&self.child.id().to_string())
    }

    /// Its memory in MiB.
    pub fn resident_mib(&self) -> f64 {
        let path = format!("/proc/{}/statm", self.child.id());
        let text = std::fs::read_to_string(path).unwrap();
        text.split(' ').nth(1).unwrap().parse::<f64>().unwrap() / 256.0
    }

    /// The sum of a meter of `/metrics`, in its own unit.
    pub async fn meter(&self, name: &str) -> f64 {
        let (_, text) = Post::connect(self.address).await.unwrap().get("/metrics").await;
        let text = String::from_utf8(text).unwrap();
        let lines = text.lines().filter(|line| line.starts_with(name));
        lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Processor seconds that a process has used (`self` is this one).
pub fn cpu_s(process: &str) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<_> = text.rsplit(") ").next().unwrap().split(' ').collect();
    let ticks: f64 = fields[11..13].iter().map(|ticks| ticks.parse::<f64>().unwrap()).sum();
    ticks / 100.0
}
