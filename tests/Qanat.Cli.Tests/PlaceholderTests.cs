namespace Qanat.Cli.Tests;

public class PlaceholderTests
{
    [Xunit.Fact]
    public void Builds() { }
}
