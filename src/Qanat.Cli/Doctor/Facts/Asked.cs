using System.Net;

namespace Qanat.Cli.Doctor.Facts;

/// <summary>What was asked about: nothing in particular, devices, or destinations.</summary>
internal sealed record Asked
{
    /// <summary>Names of devices.</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>Addresses that packets are to reach.</summary>
    public IReadOnlyList<IPAddress> Destinations { get; init; } = [];

    /// <summary>Whether it was about everything.</summary>
    public bool Everything => Devices.Count + Destinations.Count == 0;

    /// <summary>Reads the words of the command line.</summary>
    /// <param name="words">The words.</param>
    /// <param name="isDevice">Whether there is a device of that name.</param>
    /// <param name="unknown">The first word that is neither; null when all are understood.</param>
    public static Asked Parse(IEnumerable<string> words, Func<string, bool> isDevice, out string? unknown)
    {
        List<string> devices = [];
        List<IPAddress> destinations = [];
        unknown = null;
        foreach (var word in words)
        {
            if (isDevice(word))
                devices.Add(word);
            else if (IsAddress(word, out var address))
                destinations.Add(address);
            else
                unknown ??= word;
        }
        return new() { Devices = devices, Destinations = destinations };
    }

    // "10" is an address to .NET, though nobody means it.
    private static bool IsAddress(string word, out IPAddress address) =>
        IPAddress.TryParse(word, out address!) && (word.Contains(':', StringComparison.Ordinal) || word.Count(c => c == '.') == 3);
}
