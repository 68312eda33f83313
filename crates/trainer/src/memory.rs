//! How much memory this process has needed at most.

/// The most bytes of memory that this process has held at once (its peak resident set), where the system tells.
pub fn peak_rss_bytes() -> Option<u64> {
    high_water_mark().or_else(usage)
}

/// Linux's mark for this program alone. `getrusage` there goes on from the process that started this one: under a
/// parent of 500 MB, a program of 10 MB is told 500 MB (measured 2026-11-22, Linux 6.18).
#[cfg(target_os = "linux")]
fn high_water_mark() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(not(target_os = "linux"))]
fn high_water_mark() -> Option<u64> {
    None
}

#[cfg(unix)]
fn usage() -> Option<u64> {
    use nix::sys::resource::{UsageWho, getrusage};

    let peak = u64::try_from(getrusage(UsageWho::RUSAGE_SELF).ok()?.max_rss()).ok()?;
    // Apple's systems count bytes, the others kibibytes.
    Some(if cfg!(target_vendor = "apple") { peak } else { peak * 1024 })
}

#[cfg(not(unix))]
fn usage() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    #[test]
    fn the_peak_grows_with_what_is_used_and_stays() {
        let peak = || super::peak_rss_bytes().unwrap();
        let (before, size) = (peak(), 64 << 20);
        let held = vec![1u8; size];
        std::hint::black_box(&held);
        assert!(peak() > size as u64, "{} is less than is in use", peak());
        assert!(peak() >= before && peak() < 1 << 40);
        drop(held);
        assert!(peak() > size as u64);
        assert!(super::usage().unwrap() > size as u64);
    }
}
