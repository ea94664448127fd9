<?php
// Tells a queue of each new entry (Amazon SQS API Reference, SendMessage, AWS JSON protocol). Not part of the acknowledgement: an entry
// is stored whether or not the queue could be told, and nobody waits for it longer than half a second.
declare(strict_types=1);

final class Notices
{
    public function __construct(private readonly Config $config) {}

    public function tell(int $id): void
    {
        if ($this->config->queueUrl === '') {
            return;
        }
        $base = $this->config->sqsEndpoint !== '' ? $this->config->sqsEndpoint
            : "https://sqs.{$this->config->region}.amazonaws.com";
        $parts = parse_url($base);
        $body = json_encode(['QueueUrl' => $this->config->queueUrl,
            'MessageBody' => json_encode(['entry' => $id, 'region' => $this->config->region])]);
        try {
            $signed = S3::sign('POST', '/', ['content-type' => 'application/x-amz-json-1.0',
                'host' => $parts['host'] . (isset($parts['port']) ? ':' . $parts['port'] : ''),
                'x-amz-target' => 'AmazonSQS.SendMessage'], $body, $this->config->region, Credentials::find(),
                gmdate('Ymd\THis\Z'), 'sqs');
            $curl = curl_init($base . '/');
            curl_setopt_array($curl, [CURLOPT_POSTFIELDS => $body, CURLOPT_RETURNTRANSFER => true,
                CURLOPT_CONNECTTIMEOUT_MS => 300, CURLOPT_TIMEOUT_MS => 500, CURLOPT_PROXY => '',
                CURLOPT_HTTPHEADER => array_map(fn($k) => "$k: $signed[$k]", array_keys($signed))]);
            $answer = curl_exec($curl);
            $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
            if ($answer === false || $status !== 200) {
                error_log("entry $id: the queue was not told: " . ($answer === false ? curl_error($curl) : "SQS answered $status"));
            }
        } catch (RuntimeException $e) {
            error_log("entry $id: the queue was not told: " . $e->getMessage());
        }
    }
}
