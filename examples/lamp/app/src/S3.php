<?php
// Two calls of S3, and how a request is signed with Signature Version 4 ("Authenticating Requests: Using the Authorization Header",
// docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html).
declare(strict_types=1);

final class S3
{
    public function __construct(private readonly Config $config) {}

    /** Returns only once S3 has answered 200: the object is durable then. */
    public function put(string $key, string $bytes, string $type): void
    {
        [$status] = $this->send('PUT', $key, $bytes, ['content-type' => $type]);
        if ($status !== 200) {
            throw new RuntimeException("S3 answered $status to PutObject");
        }
    }

    /** @return array{0:string,1:string}|null bytes and content type; null when there is no such object */
    public function get(string $key): ?array
    {
        [$status, $body, $type] = $this->send('GET', $key, '', []);
        if ($status === 404) {
            return null;
        }
        if ($status !== 200) {
            throw new RuntimeException("S3 answered $status to GetObject");
        }
        return [$body, $type];
    }

    private function send(string $method, string $key, string $body, array $headers): array
    {
        $path = '/' . implode('/', array_map('rawurlencode', explode('/', $key)));
        $bucket = $this->config->bucket;
        if ($this->config->s3Endpoint !== '') { // path style, as SDKs do for endpoints given as an address
            $base = $this->config->s3Endpoint;
            $path = '/' . $bucket . $path;
        } else {
            $base = "https://$bucket.s3.{$this->config->region}.amazonaws.com";
        }
        $parts = parse_url($base);
        $headers['host'] = $parts['host'] . (isset($parts['port']) ? ':' . $parts['port'] : '');
        $signed = self::sign($method, $path, $headers, $body, $this->config->region, Credentials::find(),
            gmdate('Ymd\THis\Z'));
        $curl = curl_init($base . $path);
        curl_setopt_array($curl, [CURLOPT_CUSTOMREQUEST => $method, CURLOPT_RETURNTRANSFER => true,
            CURLOPT_CONNECTTIMEOUT_MS => 2000, CURLOPT_TIMEOUT_MS => 20000, CURLOPT_PROXY => '',
            // "Expect:" keeps curl from waiting for a 100 Continue before it sends a larger picture.
            CURLOPT_HTTPHEADER => ['Expect:', ...array_map(fn($k) => "$k: $signed[$k]", array_keys($signed))]]);
        if ($method === 'PUT') {
            curl_setopt($curl, CURLOPT_POSTFIELDS, $body);
        }
        $answer = curl_exec($curl);
        if ($answer === false) {
            throw new RuntimeException('S3 did not answer: ' . curl_error($curl));
        }
        return [curl_getinfo($curl, CURLINFO_RESPONSE_CODE), $answer,
            (string) curl_getinfo($curl, CURLINFO_CONTENT_TYPE)];
    }

    /** @return array<string,string> the headers to send; pure, so that AWS's published example can test it */
    public static function sign(string $method, string $path, array $headers, string $body, string $region,
        Credentials $who, string $time, string $service = 's3'): array
    {
        $hash = hash('sha256', $body);
        $headers['x-amz-content-sha256'] = $hash;
        $headers['x-amz-date'] = $time;
        if ($who->token !== '') {
            $headers['x-amz-security-token'] = $who->token;
        }
        ksort($headers);
        $names = implode(';', array_keys($headers));
        $lines = implode('', array_map(fn($k) => $k . ':' . trim($headers[$k]) . "\n", array_keys($headers)));
        $scope = substr($time, 0, 8) . "/$region/$service/aws4_request";
        $request = implode("\n", [$method, $path, '', $lines, $names, $hash]);
        $toSign = implode("\n", ['AWS4-HMAC-SHA256', $time, $scope, hash('sha256', $request)]);
        $key = 'AWS4' . $who->secret;
        foreach (explode('/', $scope) as $part) {
            $key = hash_hmac('sha256', $part, $key, true);
        }
        $headers['authorization'] = "AWS4-HMAC-SHA256 Credential={$who->key}/$scope,SignedHeaders=$names,Signature="
            . hash_hmac('sha256', $toSign, $key);
        return $headers;
    }
}
