//! Jobs of any number of pieces, on teams of any size.

use super::*;

#[test]
fn every_piece_is_done_once_by_any_team() {
    for threads in [1, 2, 3, 8] {
        let team = Team::new(threads).unwrap();
        for pieces in [0, 1, 2, 7, 100] {
            let counts: Vec<AtomicUsize> = (0..pieces).map(|_| AtomicUsize::new(0)).collect();
            for round in 1..=100 {
                team.run(pieces, &|piece| {
                    counts[piece].fetch_add(1, Ordering::Relaxed);
                });
                assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == round), "{threads}, {pieces}");
            }
        }
    }
}

#[test]
fn sleeping_workers_wake_and_a_job_inside_a_job_runs() {
    let team = Team::new(3).unwrap();
    let count = AtomicUsize::new(0);
    for _ in 0..3 {
        thread::sleep(WATCH * 5);
        team.run(4, &|_| team.run(5, &|_| _ = count.fetch_add(1, Ordering::Relaxed)));
    }
    assert_eq!(count.into_inner(), 3 * 20);
}

#[test]
fn callers_of_many_threads_share_a_team() {
    let team = Team::new(2).unwrap();
    let count = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..200 {
                    team.run(3, &|_| _ = count.fetch_add(1, Ordering::Relaxed));
                }
            });
        }
    });
    assert_eq!(count.into_inner(), 4 * 200 * 3);
}

#[test]
fn a_panic_in_any_piece_reaches_the_caller_and_the_team_goes_on() {
    let team = Team::new(2).unwrap();
    for bad in 0..8 {
        let run = || team.run(8, &|piece| assert!(piece != bad, "piece {piece} on purpose"));
        let panic = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
        let message = panic.downcast_ref::<String>().expect("a message");
        assert_eq!(message, &format!("piece {bad} on purpose"));
    }
    let every = || team.run(8, &|piece| panic!("piece {piece} on purpose"));
    assert!(catch_unwind(AssertUnwindSafe(every)).is_err());
    // Both threads still work: two pieces meet.
    let (here, deadline) = (AtomicUsize::new(0), Instant::now() + Duration::from_secs(10));
    team.run(2, &|_| {
        here.fetch_add(1, Ordering::SeqCst);
        while here.load(Ordering::SeqCst) < 2 && Instant::now() < deadline {
            thread::yield_now();
        }
    });
    assert!(Instant::now() < deadline, "the pieces ran one after the other");
}

#[test]
fn pieces_cover_the_slices() {
    let team = Team::new(3).unwrap();
    let (mut a, mut b) = ([0; 10], [0; 5]);
    team.run_pieces(&mut a, 4, &|position, piece| piece.fill(position));
    assert_eq!(a, [0, 0, 0, 0, 4, 4, 4, 4, 8, 8]);
    team.run_pieces2((&mut a, 4), (&mut b, 2), &|number, a, b| {
        a.fill(number);
        b.fill(number);
    });
    assert_eq!((a, b), ([0, 0, 0, 0, 1, 1, 1, 1, 2, 2], [0, 0, 1, 1, 2]));
}
