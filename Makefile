# Festival. `make help` lists what there is.
SHELL       := /bin/bash
# the score card names the program's commit: writing the card is no change of the program
VERSION     := $(shell v=$$(git describe --tags --always 2>/dev/null) || { echo dev; exit; }; git diff --quiet HEAD -- . ':!docs/scorecard.*' && echo $$v || echo $$v-dirty)
LDFLAGS     := -s -w -X main.version=$(VERSION)
# our own packages are compiled by a profile; the libraries' are not, so that a clean build takes seconds more and not minutes
PROFILE     := -gcflags='festival/...="-pgoprofile=$(CURDIR)/deploy/cpu.pgo"'
ENGINE_LIB  := deploy/engine/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so
RACE        := $(shell command -v gcc >/dev/null 2>&1 && echo -race)
DEMO        ?= --rate 2000
AT_ONCE     ?= 1
MINUTES     ?= 20
SEEDS       ?= 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20
comma       := ,
space       := $(subst ,, )

.PHONY: help build demo test check race web web-check web-test e2e soak-wall fps-wall first-wall engine kafka chaos chaos-fresh bench profile clean tools

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

build: bin/festival bin/festival-engine engine ## programs into bin/ (and the engine's library, by npm)

.PHONY: bin/festival bin/festival-engine
bin/festival:
	CGO_ENABLED=0 go build $(PROFILE) -ldflags '$(LDFLAGS)' -o $@ ./cmd/festival
bin/festival-engine:
	CGO_ENABLED=0 go build -ldflags '$(LDFLAGS)' -o $@ ./cmd/festival-engine

engine: $(ENGINE_LIB) ## the embedded ClickHouse engine (npm package, 178 MB, once)
$(ENGINE_LIB): deploy/engine/package-lock.json
	npm ci --prefix deploy/engine --ignore-scripts --no-audit --no-fund
	@touch $@

kafka: deploy/kafka/lib/.complete deploy/kafka/lib/kafka.jsa ## Apache Kafka for the tests against it (jars, 43 MB, by Maven, once; needs Java 17)
deploy/kafka/lib/.complete: deploy/kafka/pom.xml deploy/kafka/jars.sha256
	@.ci/kafka
deploy/kafka/lib/kafka.jsa: deploy/kafka/lib/.complete .ci/kafka-fast
	@.ci/kafka-fast

demo: build ## the whole system on this machine, with a rehearsal; DEMO='--rate 50000' for other flags
	bin/festival demo $(DEMO)

# what waits more than it works goes two at a time; a failure of either ends it all with its code, once both have ended
test: engine kafka tools ## every test: lint, Go with the real engine, front end in Node and Chromium
	@$(MAKE) --no-print-directory -j2 --output-sync=target check web-test
	@.ci/test '$(RACE)'
	@$(MAKE) --no-print-directory -j2 e2e chaos-fresh

check: ## format, vet, staticcheck
	@test -z "$$(gofmt -l . 2>/dev/null | grep -v node_modules)" || { echo "not formatted:"; gofmt -l . | grep -v node_modules; exit 1; }
	go vet ./...
	go tool staticcheck ./...

tools: dashboard/node_modules/.package-lock.json
dashboard/node_modules/.package-lock.json: dashboard/package-lock.json
	npm ci --prefix dashboard --ignore-scripts --no-audit --no-fund

web: tools ## build the pages into dashboard/dist (committed)
	npm run --prefix dashboard build

web-check: web ## rebuild the pages and demand no difference
	@git diff --exit-code --stat -- dashboard/dist && test -z "$$(git status --porcelain -- dashboard/dist)" || { echo "dashboard/dist differs from its sources: run 'make web' and commit it"; exit 1; }

web-test: tools ## type check, lint and unit tests of the pages
	npm run --prefix dashboard check
	npm test --prefix dashboard

e2e: build tools ## the pages in Chromium against the real program
	@.ci/e2e

chaos: build kafka ## twenty festivals while everything breaks, and docs/scorecard.md; SEEDS="1 2 3", AT_ONCE=2, RESUME=1 keeps seeds done
	bin/festival rehearse --chaos --seeds $(subst $(space),$(comma),$(strip $(SEEDS))) --at-once $(AT_ONCE) $(if $(RESUME),--resume )--card docs/scorecard.json --page docs/scorecard.md

chaos-fresh: build kafka # one short seed that nobody has seen
	@if java -version >/dev/null 2>&1; then s=$${FESTIVAL_SEED:-$$(date +%s)}; echo "chaos, seed $$s"; \
	  bin/festival rehearse --chaos --seed $$s --for 40s --records 60000; \
	elif [ -n "$$CI" ]; then echo "chaos: no Java"; exit 1; else echo "SKIPPED: chaos wants Java 17"; fi

soak-wall: tools ## a day of frames on the wall in MINUTES=20 (MINUTES=3: a short try, 3.6 h of it), 1920x1080 in Chromium: heap, gaps; fails where not kept
	node dashboard/tools/soak.mjs --minutes $(MINUTES)

fps-wall: build tools ## pictures a second of the wall at 1920x1080 and 5760x1080, replaying, then beside a demo at 2,000/s; fails below what is asked; nothing else should run
	node dashboard/tools/fps.mjs --size 1920x1080,5760x1080 --least 57,50
	node dashboard/tools/fps.mjs --size 1920x1080,5760x1080 --least 45,30 --demo 2000

first-wall: tools ## ms from opening the wall to its first number, nothing cached; fails above 1.5 s; nothing else should run
	node dashboard/tools/first.mjs

bench: build ## measurements, for docs/benchmarks.md
	bin/festival bench

profile: engine ## the compiler's profile anew (deploy/cpu.pgo, committed), from the benchmarks of the hot paths
	.ci/profile

clean: ## remove what was built
	rm -rf bin .cache
