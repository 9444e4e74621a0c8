"""The benchmarks' own arithmetic: a figure that is wrong is worse than none."""

import argparse

import pytest

from benchmarks.__main__ import BENCHMARKS, _parser
from benchmarks.dataset import STARTS, Size, area_of, window_for
from benchmarks.load_client import LoadFailed, read_answer
from benchmarks.table import Figures, Goal, Row, figures, median_of, table

GOAL = Goal(least_share=0.6, most_cpu=1.6)


def one(*, rate=100.0, p50=1.0, p99=2.0, cpu=1.0):
    return Figures(rate=rate, p50_ms=p50, p99_ms=p99, cpu_ms=cpu)


def row(product, floor, goal=GOAL):
    return Row("confirm a booking", "claim alone", 8, product, floor, goal)


def test_figures_count_a_request_once_and_take_percentiles_by_nearest_rank():
    # 1 to 200 ms. Half of 200 is the 100th; 99 % of 200 is the 198th.
    latencies = [milliseconds / 1000 for milliseconds in range(200, 0, -1)]

    found = figures(latencies, seconds=4.0, cpu_seconds=0.5)

    # 200 in 4 s; 500 ms over 200 requests.
    assert found == Figures(rate=50.0, p50_ms=100.0, p99_ms=198.0, cpu_ms=2.5)


def test_one_answer_is_every_percentile_of_itself():
    found = figures([0.003], seconds=1.0, cpu_seconds=0.0)

    assert (found.p50_ms, found.p99_ms) == (3.0, 3.0)


def test_a_run_without_answers_is_refused():
    with pytest.raises(ValueError, match="nothing was answered"):
        figures([], seconds=1.0, cpu_seconds=0.0)


def test_the_median_is_taken_of_each_figure_by_itself():
    rounds = [one(rate=90, cpu=3), one(rate=100, cpu=1), one(rate=20, cpu=2)]

    found = median_of(rounds)

    assert (found.rate, found.cpu_ms) == (90, 2)


@pytest.mark.parametrize(
    ("rate", "cpu", "verdict"),
    [(60, 1.6, "met"), (59.9, 1.0, "missed"), (90, 1.61, "missed")],
    ids=["just enough of both", "too slow", "too dear"],
)
def test_a_goal_is_missed_by_rate_or_by_processor_time(rate, cpu, verdict):
    found = row(one(rate=rate, cpu=cpu), one(rate=100, cpu=1.0))

    assert found.verdict == verdict


def test_a_row_without_a_goal_has_no_verdict():
    assert row(one(), one(), goal=None).verdict == ""


def test_the_table_puts_product_and_floor_side_by_side():
    shown = table([row(one(rate=150, p50=4, p99=9.04, cpu=3), one(rate=200, p50=2, p99=5, cpu=2))])

    cells = [cell.strip() for cell in shown.splitlines()[2].strip("|").split("|")]
    # 150 of 200 is 75 %; 3 ms is 1.5 times 2 ms.
    expected = ["150", "200", "75%", "4.0", "2.0", "9.0", "5.0", "3.00", "2.00", "1.5x", "met"]
    assert cells == ["confirm a booking", "claim alone", "8", *expected]


def test_every_line_of_the_table_is_as_wide_as_the_others():
    shown = table([row(one(), one()), row(one(rate=12345), one(), goal=None)])

    assert len({len(line) for line in shown.splitlines()}) == 1


def test_an_answer_is_read_once_it_is_whole():
    whole = b"HTTP/1.1 303 SEE OTHER\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"

    assert read_answer(whole[:-1]) is None
    assert read_answer(whole) == (303, 2, True)


def test_an_answer_without_a_length_is_refused():
    with pytest.raises(LoadFailed, match="without status or length"):
        read_answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")


def test_an_invitation_books_a_window_of_its_own_area_and_never_of_the_first_days():
    size = Size(areas=3, days=12, invitations=100)
    # 12 days of 5 windows are 60 an area; the first 10 days, 50 windows, are left alone.
    windows = {number: window_for(number, size) for number in range(1, 101)}

    assert len(STARTS) == 5
    assert all((window - 1) // 60 + 1 == area_of(number, size) for number, window in windows.items())
    assert {(window - 1) % 60 for window in windows.values()} == set(range(50, 60))


@pytest.mark.parametrize("name", list(BENCHMARKS))
def test_each_benchmark_has_a_help_of_its_own(name, capsys):
    with pytest.raises(SystemExit) as ended:
        _parser().parse_args([name, "--help"])

    assert ended.value.code == 0
    # argparse breaks lines to the width of the terminal.
    assert BENCHMARKS[name][0] in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("line", [["--quick", "plan"], ["plan", "--quick"]], ids=["before", "after"])
def test_an_option_holds_on_either_side_of_the_name(line):
    wanted = _parser().parse_args(line)

    assert isinstance(wanted, argparse.Namespace)
    assert (wanted.name, wanted.quick, wanted.full) == ("plan", True, False)
