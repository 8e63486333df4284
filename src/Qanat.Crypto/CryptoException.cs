namespace Qanat.Crypto;

/// <summary>libcrypto is not there, or refused something. The message is one line, and never holds a key.</summary>
/// <param name="message">What is wrong and, where that is known, what to do.</param>
public sealed class CryptoException(string message) : Exception(message);
