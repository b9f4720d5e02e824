# make demo   everything set up, and the whole service on this machine with embedded defaults
# make test   everything set up, and every check and test that CI runs
# make check  the checks without the tests (seconds)

.PHONY: setup demo test check format
BIN := .venv/bin

setup:
	@./setup.sh

demo: setup
	@$(BIN)/quietline run

test:
	@./setup.sh tests
	@$(MAKE) --no-print-directory check
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest --numprocesses 3 --dist loadgroup
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-covered --sort=cover

check:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	nlu/.venv/bin/python -m nlu.check_data

format:
	$(BIN)/ruff format
	$(BIN)/ruff check --fix
