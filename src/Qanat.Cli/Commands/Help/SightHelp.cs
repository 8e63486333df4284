namespace Qanat.Cli.Commands.Help;

/// <summary>Examples of what shows and tells how things go.</summary>
internal static class SightHelp
{
    /// <summary>Examples of <c>qanat top --help</c>.</summary>
    public const string TopExamples = """
        Examples:
          All WireGuard interfaces of this machine, and the tunnels of this network namespace; q ends it:
            qanat top
          One interface, once, for a file or a script:
            qanat top wg0 --once
            qanat top wg0 --json | jq -r '.interfaces[].peers[] | [.publicKey, .rttSeconds, .rxBytesPerSecond] | @tsv'

        """;

    /// <summary>Examples of <c>qanat events --help</c>.</summary>
    public const string EventsExamples = """
        Events:
          listening               the first of all: what happens from here on is told
          up, down                packets pass, or do not any more
          peer-added, peer-removed
          handshake-completed     there is a session with new keys
          post-quantum            there is a session under a post-quantum preshared key
          post-quantum-lost       there is one under no such key, and the one before was
          handshake-given-up      a peer has not answered, and is not asked any more until there is something to send
          endpoint-changed        a peer has sent from another place
          keys-wiped              a peer was not heard of for long, and its keys are gone
          events-lost             so many are missing, because they were read too slowly

        Examples:
          qanat events
          qanat events wg0 | jq -r 'select(.event == "endpoint-changed") | "\(.peer) is at \(.endpoint)"'

        """;

    /// <summary>Examples of <c>qanat metrics --help</c>.</summary>
    public const string MetricsExamples = """
        Examples:
          qanat metrics | grep qanat_wireguard_peer_rtt_seconds
          For the textfile collector of node_exporter, from a timer:
            qanat metrics > /var/lib/node_exporter/qanat.prom.new && mv /var/lib/node_exporter/qanat.prom{.new,}
          Of another network namespace:
            qanat -n blue metrics

        """;
}
