from commands.parallel import environment


def test_each_process_gets_its_share_of_the_cores() -> None:
    assert environment(3, {}, 8)["OMP_NUM_THREADS"] == "2"
    assert environment(4, {}, 2)["OMP_NUM_THREADS"] == "1"


def test_a_number_of_threads_that_somebody_chose_stays() -> None:
    assert environment(2, {"OMP_NUM_THREADS": "7"}, 8)["OMP_NUM_THREADS"] == "7"
