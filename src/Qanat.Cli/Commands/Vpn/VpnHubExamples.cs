namespace Qanat.Cli.Commands.Vpn;

/// <summary>Examples at the end of the help of the verbs that run a hub.</summary>
internal static class VpnHubExamples
{
    /// <summary>Examples of <c>qanat vpn up --help</c>.</summary>
    public const string Up = """
        Examples:
          qanat vpn up office
          As a service, and in another network namespace:
            systemctl enable --now qanat-vpn@office
            qanat -n blue vpn up office

        """;

    /// <summary>Examples of <c>qanat vpn down --help</c>.</summary>
    public const string Down = """
        Examples:
          qanat vpn down office

        """;
}
