//! A PostGIS of a story's own, so that nobody else's is stopped or killed.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A throw-away cluster on a socket; gone when this is dropped.
#[derive(Debug)]
pub struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    /// Its postmaster, and every process under it.
    family: Vec<u32>,
}

impl Cluster {
    /// A running one, with an empty database that has the extension.
    pub fn start() -> Self {
        let folder = TempDir::with_prefix_in("pilin-ordeal-", "/tmp").unwrap();
        let versions = std::fs::read_dir("/usr/lib/postgresql").expect("install postgresql-15");
        let versions = versions.map(|version| version.unwrap().path().join("bin"));
        let programs = versions.max().expect("install postgresql-15-postgis-3");
        if is_root() {
            // PostgreSQL does not run as root.
            ran(Command::new("chown").arg("postgres").arg(folder.path()));
        }
        ran(Command::new("chmod").arg("755").arg(folder.path()));
        let mut cluster = Self { folder, programs, family: Vec::new() };
        let data = cluster.data();
        ran(cluster
            .run("initdb")
            .arg("--no-sync")
            .args(["--auth=trust", "--username=pilin"])
            .args(["--encoding=UTF8", "--locale=C.UTF-8", "-D", data.to_str().unwrap()]));
        cluster.wake();
        for (database, sql) in
            [("postgres", "CREATE DATABASE pilin"), ("pilin", "CREATE EXTENSION postgis")]
        {
            let mut psql = cluster.run("psql");
            psql.args(["-XqAt", "-U", "pilin", "-d", database, "-c", sql]);
            ran(psql.arg("-h").arg(cluster.folder.path()));
        }
        cluster
    }

    /// The address of the database.
    pub fn url(&self) -> String {
        format!("postgres:///?host={}&user=pilin&dbname=pilin", self.folder.path().display())
    }

    /// Stops it as a crash would, but in good order.
    pub fn stop(&mut self) {
        ran(self.control("stop").args(["--mode", "immediate"]));
    }

    /// Starts it after it was stopped or killed.
    pub fn wake(&mut self) {
        let log = self.folder.path().join("log");
        // fsync stays on: what is acknowledged must survive.
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories='{}' -c shared_buffers=64MB",
            self.folder.path().display()
        );
        let log = ["--log", log.to_str().unwrap()];
        ran(self.control("start").args(log).args(["--options", &options]));
    }

    /// Kills every process of it at once.
    pub fn kill(&mut self) {
        self.signal("-KILL");
        let begun = Instant::now();
        while !self.family.iter().all(|pid| has_ended(*pid)) {
            assert!(begun.elapsed() < Duration::from_mins(1), "it is killed");
            sleep(Duration::from_millis(1));
        }
        self.family.clear();
        // PostgreSQL would take the dead for living ones until somebody buries them.
        for lock in [self.data().join("postmaster.pid"), self.socket(".lock")] {
            std::fs::remove_file(lock).unwrap();
        }
    }

    /// Lets none of its processes go on.
    pub fn freeze(&mut self) {
        self.signal("-STOP");
    }

    /// Lets those that were frozen go on.
    pub fn thaw(&mut self) {
        for pid in std::mem::take(&mut self.family) {
            send("-CONT", pid);
        }
    }

    fn signal(&mut self, signal: &str) {
        let postmaster = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        let postmaster: u32 = postmaster.lines().next().unwrap().parse().unwrap();
        send("-STOP", postmaster);
        self.family = children(postmaster);
        self.family.push(postmaster);
        for pid in &self.family {
            send(signal, *pid);
        }
    }

    fn socket(&self, ending: &str) -> PathBuf {
        self.folder.path().join(format!(".s.PGSQL.5432{ending}"))
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn run(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/").stdout(Stdio::null());
        command
    }

    fn control(&self, deed: &str) -> Command {
        let mut command = self.run("pg_ctl");
        command.args([deed, "--silent", "--wait", "-D"]).arg(self.data());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.thaw();
        // It may not be running.
        let _ended = self.control("stop").args(["--mode", "immediate"]).output();
    }
}

pub fn is_root() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    status.lines().any(|line| line.starts_with("Uid:\t0\t"))
}

/// The processes that a process has started.
fn children(of: u32) -> Vec<u32> {
    let tasks = Path::new("/proc").join(of.to_string()).join("task");
    let tasks = std::fs::read_dir(tasks).unwrap();
    let lists = tasks.map(|task| std::fs::read_to_string(task.unwrap().path().join("children")));
    let text = lists.map(Result::unwrap).collect::<String>();
    text.split_whitespace().map(|pid| pid.parse().unwrap()).collect()
}

/// Whether a process is gone, or waits but for somebody to bury it.
fn has_ended(pid: u32) -> bool {
    let told = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat"));
    // Its name, in brackets, may hold anything.
    told.map_or(true, |told| told.rsplit(')').next().unwrap().starts_with(" Z"))
}

/// Sends a signal to a process; one that has ended meanwhile does not matter.
pub fn send(signal: &str, to: u32) {
    Command::new("kill").args([signal, &to.to_string()]).stderr(Stdio::null()).status().unwrap();
}

fn ran(command: &mut Command) {
    let Output { status, stderr, .. } = command.output().unwrap();
    assert!(status.success(), "{command:?}: {}", String::from_utf8_lossy(&stderr));
}
