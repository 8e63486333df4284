using System.Globalization;

namespace Qanat.Linux.Bpf;

/// <summary>
/// The processors that this machine may ever have: so many values the kernel reads and writes where a per-CPU map has one,
/// whatever room there is, and so the number is never guessed.
/// </summary>
internal static class PossibleCpus
{
    private const string List = "/sys/devices/system/cpu/possible";

    private static readonly Lazy<int> s_count = new(Read, LazyThreadSafetyMode.PublicationOnly);

    /// <summary>How many they are.</summary>
    /// <exception cref="LinuxException">/sys is not mounted.</exception>
    public static int Count => s_count.Value;

    /// <summary>How many a list like <c>0-3,8</c> has (cpuset(7), "Formats").</summary>
    /// <exception cref="FormatException">It is no such list.</exception>
    public static int CountOf(string list)
    {
        var count = 0;
        foreach (var range in list.Trim().Split(','))
        {
            var dash = range.IndexOf('-', StringComparison.Ordinal);
            var first = Number(dash < 0 ? range : range[..dash]);
            var last = Number(range[(dash + 1)..]);
            count += last >= first ? last - first + 1 : throw new FormatException($"{range} is no range of processors.");
        }

        return count;

        static int Number(string digits) => int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    private static int Read()
    {
        try
        {
            return CountOf(File.ReadAllText(List));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LinuxException($"read {List}", Errno.Of(e), hint: "mount -t sysfs sysfs /sys");
        }
    }
}
