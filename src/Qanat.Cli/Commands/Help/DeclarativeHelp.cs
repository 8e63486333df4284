namespace Qanat.Cli.Commands.Help;

/// <summary>Examples of a host's tunnels in a file.</summary>
internal static class DeclarativeHelp
{
    /// <summary>Examples of <c>qanat apply --help</c>.</summary>
    public const string ApplyExamples = """
        The file, by netplan's names where it has them:
          network:
            version: 2
            tunnels:
              tun1:
                mode: ipip
                local: 10.10.50.71
                remote: 10.10.50.186
                addresses: [192.168.1.1/24]
                routes:
                  - {to: 10.1.0.0/16, via: 192.168.1.2}

        Examples:
          What would be done, then do it:
            qanat apply --dry-run /etc/qanat/tunnels.yaml
            qanat apply /etc/qanat/tunnels.yaml
          Have these tunnels and no others, in another network namespace:
            qanat -n blue apply --prune blue.yaml
          At each boot:
            systemctl enable qanat-apply

        """;

    /// <summary>Examples of <c>qanat export --help</c>.</summary>
    public const string ExportExamples = """
        Examples:
          Keep what is for the next boot:
            qanat export > /etc/qanat/tunnels.yaml && systemctl enable qanat-apply
          For a program (apply reads JSON as well):
            qanat export --json | jq -r '.network.tunnels | keys[]'

        """;
}
