namespace Qanat.Cli.Commands.Help;

/// <summary>Examples of the daemon, and of what looks after it.</summary>
internal static class DaemonHelp
{
    /// <summary>Examples of <c>qanat daemon --help</c>.</summary>
    public const string DaemonExamples = """
        Examples:
          Keep the tunnels of this network namespace, as a systemd service with Type=notify does:
            qanat daemon
          In the background, until there is nothing left to keep:
            qanat daemon --background --idle-exit 3
          In a network namespace, whose devices go when it ends:
            qanat -n blue daemon --remove-devices

        """;

    /// <summary>Examples of <c>qanat status --help</c>.</summary>
    public const string StatusExamples = """
        Examples:
          qanat status
          qanat -n blue status
          qanat status --json | jq -r .tunnels

        """;

    /// <summary>Examples of <c>qanat doctor --help</c>.</summary>
    public const string DoctorExamples = """
        Examples:
          The machine, and all TUN and TAP devices and tunnels of this network namespace:
            qanat doctor
          A device, or the way to an address, in more detail:
            qanat doctor tun1
            qanat doctor 192.168.1.2
          In another network namespace, and what is well too:
            qanat -n blue doctor --verbose
          The names of what blocks, for a script:
            qanat doctor --json | jq -r '.findings[] | select(.severity == "blocks") | .name'

        """;
}
