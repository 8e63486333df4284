# Qanat: `make help` lists what there is.

PREFIX  ?= /usr/local
DESTDIR ?=
DOTNET  ?= dotnet

RID := linux-$(patsubst aarch64,arm64,$(patsubst x86_64,x64,$(shell uname -m)))

# Folders are among them, so that a file taken away counts as a change too.
SOURCES := $(shell find src \( -name bin -o -name obj \) -prune -o -print) \
  Directory.Build.props Directory.Packages.props global.json

export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

.PHONY: build demo test bench pack install clean help
.DELETE_ON_ERROR:

## build     bin/qanat, one file that needs nothing else (the default)
build: bin/qanat

bin/qanat: $(SOURCES)
	$(DOTNET) publish src/Qanat.Cli -c Release -r $(RID) -o artifacts/publish
	install -D -m 755 artifacts/publish/qanat $@
	ln -sf qanat bin/qanat-wg

## demo      two hosts, a wire and a tunnel: what Qanat does, on real packets (root)
demo: bin/qanat
	@demo/run

## test      every test; the last line counts them (root)
test: bin/qanat
	@tests/run

## bench     Qanat against its peers, medians of one run (root)
bench: bin/qanat
	@bench/run
	@bench/run modes
	@bench/run many
	@bench/run vpn
	@bench/run hub
	@bench/run device

## pack      artifacts/packages: the libraries Qanat.Packets and Qanat.Linux for NuGet, with symbols
PACKAGES ?= artifacts/packages
pack:
	rm -f $(PACKAGES)/Qanat.*.nupkg $(PACKAGES)/Qanat.*.snupkg
	$(DOTNET) pack src/Qanat.Packets -c Release -o $(PACKAGES) -p:ContinuousIntegrationBuild=true
	$(DOTNET) pack src/Qanat.Linux -c Release -o $(PACKAGES) -p:ContinuousIntegrationBuild=true

## install   into PREFIX (/usr/local), below DESTDIR
install: ROOT := $(DESTDIR)$(PREFIX)
install: bin/qanat
	install -D -m 755 bin/qanat $(ROOT)/bin/qanat
	ln -sf qanat $(ROOT)/bin/qanat-wg
	install -d $(addprefix $(ROOT)/, share/doc/qanat/docs share/bash-completion/completions lib/systemd/system)
	install -m 644 README.md README.zh-CN.md CHANGELOG.md LICENSE $(ROOT)/share/doc/qanat
	install -m 644 docs/*.md $(ROOT)/share/doc/qanat/docs
	bin/qanat completion bash | install -m 644 /dev/stdin $(ROOT)/share/bash-completion/completions/qanat
	install -m 644 docs/*.json $(ROOT)/share/doc/qanat/docs
	sed 's|@PREFIX@|$(PREFIX)|g' packaging/qanat.service | install -m 644 /dev/stdin $(ROOT)/lib/systemd/system/qanat.service
	sed 's|@PREFIX@|$(PREFIX)|g' packaging/systemd/qanat-apply.service | install -m 644 /dev/stdin $(ROOT)/lib/systemd/system/qanat-apply.service
	sed 's|@PREFIX@|$(PREFIX)|g' packaging/systemd/qanat-up@.service | install -m 644 /dev/stdin $(ROOT)/lib/systemd/system/qanat-up@.service
	sed 's|@PREFIX@|$(PREFIX)|g' packaging/systemd/qanat-vpn@.service | install -m 644 /dev/stdin $(ROOT)/lib/systemd/system/qanat-vpn@.service

## clean     takes away all that was built
clean:
	rm -rf bin artifacts
	find src tests bench samples -type d \( -name bin -o -name obj -o -name TestResults \) -prune -exec rm -rf {} + 2>/dev/null || true

help:
	@sed -n 's/^## /  make /p' $(firstword $(MAKEFILE_LIST))
