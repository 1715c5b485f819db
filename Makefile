# make run, make test, make bench NAME=import, make check
.PHONY: run test bench check

run:
	python3 dev.py run

test:
	python3 dev.py test

bench:
	python3 dev.py bench $(NAME)

check:
	.ci/run
