using Qanat.Linux.Privileges;

namespace Qanat.Linux.Tests.Privileges;

public sealed class DescriptorLimitTests
{
    [Fact]
    public void The_limit_is_raised_to_the_most_that_there_may_be()
    {
        DescriptorLimit.Raise();
        var line = File.ReadLines("/proc/self/limits").Single(line => line.StartsWith("Max open files", StringComparison.Ordinal));
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(words[^2], words[^3]);
        Assert.Equal(words[^2], DescriptorLimit.Current.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
